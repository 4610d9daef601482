using Cria.Generation;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests.Models;

public class LlamaModelTests
{
    public static TheoryData<string> DenseModels => Golden.DenseModels;

    [Theory, MemberData(nameof(DenseModels))]
    public void Logits_and_hidden_states_agree_with_transformers(string name)
    {
        using var golden = new Golden(name);
        using var off = Gradients.Off();
        var ids = golden.Sequences("input_ids");
        var context = ForwardContext.Sequences([.. ids.Select(sequence => sequence.Length)]);

        var hidden = golden.Model.Embed([.. ids.SelectMany(id => id)], context);
        Near.Equal(golden["hidden.0"], hidden.ToArray(), Tolerances.Logits, "hidden.0");
        for (int layer = 0; layer < golden.Model.Blocks.Count; layer++)
        {
            hidden = golden.Model.Blocks[layer].Forward(hidden, context);
            if (layer == golden.Model.Blocks.Count - 1)
                hidden = golden.Model.Norm.Forward(hidden);
            Near.Equal(golden[$"hidden.{layer + 1}"], hidden.ToArray(), Tolerances.Logits, $"hidden.{layer + 1}");
        }

        Near.Equal(golden["logits"], golden.Model.Logits(hidden).ToArray(), Tolerances.Logits, "logits");
    }

    [Theory, MemberData(nameof(DenseModels))]
    public void The_loss_agrees_with_transformers(string name)
    {
        using var golden = new Golden(name);
        using var off = Gradients.Off();
        var ids = golden.Sequences("input_ids");
        int[] targets = [.. ids.SelectMany(sequence => sequence.Skip(1).Append(-100))];
        var hidden = golden.Model.Forward([.. ids.SelectMany(id => id)], ForwardContext.Sequences([.. ids.Select(id => id.Length)]));

        float loss = golden.Model.Loss(hidden, targets, 1f / targets.Count(target => target >= 0)).Item();

        Assert.Equal(golden["loss"].Floats()[0], loss, Tolerances.Loss);
    }

    [Theory, MemberData(nameof(DenseModels))]
    public void Prefill_equals_token_by_token_and_batched(string name)
    {
        using var golden = new Golden(name);
        using var off = Gradients.Off();
        var ids = golden.Sequences("input_ids");
        int length = ids[0].Length, columns = golden.ShapeOf("logits").Columns;
        using var cache = new KeyValueCache(golden.Model, sequences: ids.Length, capacity: length);

        // Every sequence advances by one token in each pass.
        for (int t = 0; t < length; t++)
        {
            int[] tokens = [.. ids.Select(sequence => sequence[t])];
            var context = cache.Continue([.. ids.Select((_, i) => (i, 1))]);
            var logits = golden.Model.Logits(golden.Model.Forward(tokens, context));
            for (int i = 0; i < ids.Length; i++)
            {
                var expected = golden["logits"].Floats().Slice((i * length + t) * columns, columns);
                Near.Equal(expected, logits.ToArray().AsSpan(i * columns, columns), Tolerances.Logits, $"sequence {i}, token {t}");
            }
        }
    }

    [Theory]
    [InlineData("f16", Tolerances.HalfCache), InlineData("bf16", Tolerances.ByteCache), InlineData("q8_0", Tolerances.ByteCache)]
    public void A_cache_in_less_memory_gives_nearly_the_same_logits(string type, float tolerance)
    {
        using var device = new CpuBackend();
        var model = Random(device, headSize: 32);
        int[] ids = [.. Enumerable.Range(0, 40).Select(i => i * 7 % model.Config.VocabularySize)];
        using var off = Gradients.Off();
        Tensor Logits(DataType cacheType)
        {
            model.CacheType = cacheType;
            using var cache = new KeyValueCache(model, sequences: 1, capacity: 16);
            model.Forward(ids[..16], cache.Continue((0, 16)));
            cache.Grow(ids.Length);
            return model.Logits(model.Forward(ids[16..], cache.Continue((0, ids.Length - 16))));
        }

        Near.EqualRelative(Logits(DataType.F32), Logits(DataType.Parse(type)!).ToArray(), tolerance, type);
    }

    [Fact]
    public void A_type_that_a_cache_cannot_have_is_refused()
    {
        using var device = new CpuBackend();
        var model = Random(device, headSize: 16);

        Assert.Contains("'q4_0' is not one of f32, f16, bf16, q8_0", Assert.Throws<OptionsException>(() => model.CacheType = DataType.Q4).Message, StringComparison.Ordinal);
        Assert.Contains("heads of 16 numbers do not divide into q8_0's blocks of 32", Assert.Throws<OptionsException>(() => model.CacheType = DataType.Q8).Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(DenseModels))]
    public void Pieces_of_unequal_length_over_a_cache_equal_one_pass(string name)
    {
        using var golden = new Golden(name);
        using var off = Gradients.Off();
        int[] ids = golden.Sequences("input_ids")[1];
        int columns = golden.ShapeOf("logits").Columns;
        using var cache = new KeyValueCache(golden.Model, sequences: 1, capacity: ids.Length);

        int start = 0;
        foreach (int count in (int[])[1, 7, 2, 20, ids.Length - 30])
        {
            var logits = golden.Model.Logits(golden.Model.Forward(ids[start..(start + count)], cache.Continue((0, count))));
            var expected = golden["logits"].Floats().Slice((ids.Length + start) * columns, count * columns);
            Near.Equal(expected, logits.ToArray(), Tolerances.Logits, $"tokens {start} and on");
            start += count;
        }
    }

    [Theory, MemberData(nameof(DenseModels))]
    public void Greedy_tokens_agree_with_transformers(string name)
    {
        using var golden = new Golden(name);
        int[] expected = [.. golden.Sequences("greedy").Single()];
        int[] prompt = golden.Sequences("input_ids")[0];
        Assert.Equal(prompt, expected[..prompt.Length]);
        var generator = new Generator(golden.Model, NoText.Tokenizer(golden.Model.Config.VocabularySize));

        var found = generator.Stream(prompt, new SamplingOptions { MaxTokens = 16 }, TestContext.Current.CancellationToken).Select(token => token.Id);

        Assert.Equal(expected[prompt.Length..], found);
    }

    [Fact]
    public void A_packed_sequence_sees_nothing_of_its_neighbours()
    {
        using var golden = new Golden("llama2-gqa");
        using var off = Gradients.Off();
        int[] first = golden.Sequences("input_ids")[0], second = golden.Sequences("input_ids")[1][..11];

        var alone = golden.Model.Forward(second, ForwardContext.Sequences(second.Length));
        var packed = golden.Model.Forward([.. first, .. second], ForwardContext.Sequences(first.Length, second.Length));

        Near.Equal(alone.ToArray(), packed.ToArray().AsSpan()[^(int)alone.Shape.Length..], Tolerances.Logits);
    }

    [Fact]
    public void Recomputation_changes_no_bit_of_a_gradient()
    {
        using var golden = new Golden("llama2-gqa");
        int[] ids = golden.Sequences("input_ids")[0];
        var weight = golden.Model.Blocks[0].Attention.Key is Linear key ? key.Weight : throw new InvalidOperationException();
        weight.Value = golden.Device.From(weight.Value.ToArray(), weight.Value.Shape);
        weight.Value.RequiresGradient = true;

        float[] kept = Gradient(recompute: false), recomputed = Gradient(recompute: true);

        Assert.Equal(kept, recomputed);
        Assert.Contains(kept, number => number != 0);

        float[] Gradient(bool recompute)
        {
            using var scope = TensorScope.Begin();
            weight.Value.DropGradient();
            var context = ForwardContext.Sequences([ids.Length], training: true, seed: 1, recompute);
            golden.Model.Loss(golden.Model.Forward(ids, context), [.. ids.Skip(1), -100], 1).Backward();
            return weight.Value.Gradient!.ToArray();
        }
    }

    private static LlamaModel Random(Backend device, int headSize)
    {
        var shape = new LlamaConfig
        {
            HiddenSize = 4 * headSize, Layers = 2, Heads = 4, KeyValueHeads = 2, HeadSize = headSize, IntermediateSize = 8 * headSize, VocabularySize = 96, ContextLength = 64,
        };
        return new LlamaModel(shape, new RandomCheckpoint(shape, device, DataType.F32, seed: 1), device);
    }
}
