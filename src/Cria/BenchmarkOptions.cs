using Cria.Generation;
using Cria.Peft;
using Cria.Training;

namespace Cria;

/// <summary>What to measure.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>Prompt tokens that are read in one pass; 0 leaves the test out.</summary>
    public int Prompt { get; set; } = 512;

    /// <summary>Tokens that are generated one by one; 0 leaves the test out.</summary>
    public int Generate { get; set; } = 64;

    /// <summary>Tokens that stand before those that are generated.</summary>
    public int Depth { get; set; }

    /// <summary>Sequences that are generated together.</summary>
    public int Sequences { get; set; } = 1;

    /// <summary>How each token is chosen, though the next one is given; greedily unless set.</summary>
    public SamplingOptions Sampling { get; set; } = new();

    /// <summary>Whether LoRA training steps are measured too.</summary>
    public bool Train { get; set; }

    /// <summary>Methods to measure generating with, and with <see cref="Train"/> training too.</summary>
    public IReadOnlyList<MethodPreset> Methods { get; set; } = [];

    /// <summary>Sequences of a training step.</summary>
    public int TrainSequences { get; set; } = 4;

    /// <summary>Tokens of each of them.</summary>
    public int TrainLength { get; set; } = 256;

    /// <summary>The rank of the LoRA on every linear layer.</summary>
    public int TrainRank { get; set; } = 8;

    /// <summary>Whether the layers are computed a second time in the backward pass.</summary>
    public bool Recompute { get; set; }

    /// <summary>With <see cref="Recompute"/> on a card: whether what is kept of each layer waits in host memory.</summary>
    public bool HostActivations { get; set; }

    /// <summary>The optimizer of training steps: one of <see cref="Benchmark.Optimizers"/>.</summary>
    public string Optimizer { get; set; } = Moments.Float;

    /// <summary>How often each test is measured, after one pass that is not counted.</summary>
    public int Repeat { get; set; } = 3;

    /// <summary>Called before each measured pass, for what is to be measured by turns with it, such as the machine's limits.</summary>
    public Action? BeforeEach { get; set; }
}
