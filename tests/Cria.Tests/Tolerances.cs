namespace Cria.Tests;

/// <summary>How far results may be from their reference, each with its reason.</summary>
internal static class Tolerances
{
    /// <summary>Logits and hidden states against transformers in f32: sums of a few hundred products taken in another order, through a few layers.</summary>
    public const float Logits = 1e-4f;

    /// <summary>
    /// Logits of one pass against those of token by token: few rows are multiplied by another kernel than many, and over q8_0 and its like with
    /// activations of 16 bits.
    /// </summary>
    public const float CachedLogits = 1e-3f;

    /// <summary>
    /// Logits with activations in bf16 against those in f32, in units of the largest: each of some dozen results on the way is rounded to 8 bits, 1/256.
    /// </summary>
    public const float NarrowActivations = 0.03f;

    /// <summary>Losses of training steps with activations in bf16 against f32: means over many tokens of logits as above, and steps that follow them.</summary>
    public const float NarrowLoss = 0.02f;

    /// <summary>Gradients against PyTorch, relative to the largest of a tensor: two passes of such sums.</summary>
    public const float Gradients = 1e-3f;

    /// <summary>Losses of the first steps against PyTorch: means of sums as above.</summary>
    public const float Loss = 1e-4f;

    /// <summary>
    /// Weights after steps of AdamW against PyTorch, in units of the learning rate: the step divides a gradient by its own size, so a
    /// number whose gradient is nearly zero may move by a visible share of a step.
    /// </summary>
    public const float StepsOfLearningRate = 0.02f;

    /// <summary>A loss after six steps with states of 8 bits against floats: each state is off by a few percent, the steps by as much, at random.</summary>
    public const double EightBitLoss = 0.05;

    /// <summary>
    /// Planned memory against measured, as a share: both take the same tensors from the same pool, but kernels pack their inputs in tiles whose
    /// height depends on the processor.
    /// </summary>
    public const double PlannedMemory = 0.05;

    /// <summary>Merged weights against peft: one product and one sum for each number.</summary>
    public const float Merged = 1e-6f;

    /// <summary>Logits of the same numbers read from two kinds of file: nothing differs but where a sum may be split.</summary>
    public const float SameModel = 1e-5f;

    /// <summary>
    /// Logits over a cache of half precision against f32, in units of the largest: keys and values are rounded to 11 bits (1/2,048), and the
    /// scores and sums made of them are off by some of that.
    /// </summary>
    public const float HalfCache = 2e-3f;

    /// <summary>The same over a cache of 8 bits, bf16 or q8_0: 1/256 each.</summary>
    public const float ByteCache = 1e-2f;

    /// <summary>
    /// Logits of the trained model inside, in a type whose codes are multiplied as integers, against double precision over the same numbers: each
    /// activation is rounded to 1/65,534 of the largest of 32, and eight layers and a head add that up. Seen: up to 1.5e-3.
    /// </summary>
    public const float WideActivations = 3e-3f;

    /// <summary>
    /// How far a token that llama.cpp chooses may be below our best: its products round activations to f16, bf16 or bytes, its cache to half precision.
    /// Over random weights, whose logits are small, all of that stays below this; over trained ones in floats too.
    /// </summary>
    public const float OtherKernels = 0.05f;

    /// <summary>
    /// Logits of llama.cpp over the trained model inside, in f32, f16 or bf16, root mean square. Seen: 0.0007, 0.0018 and 0.0099; rounding what it rounds
    /// in double precision gives 0.0008, 0.0016 and 0.0097.
    /// </summary>
    public const float SixteenBitActivations = 0.015f;

    /// <summary>
    /// The same in blocks, where activations become bytes: 127 to the largest of 32 or 256. Seen: 0.036 to 0.060 by type; rounding alone gives 0.035 to 0.062.
    /// </summary>
    public const float EightBitActivations = 0.08f;

    /// <summary>How far a token that it chooses then may be below our best: two logits are each off by as much, 0.08 their difference; at twice that.</summary>
    public const float EightBitTie = 0.15f;
}
