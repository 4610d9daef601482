using Cria.Checkpoints;
using Cria.Tensors;
using Cria.Tokenizers;

namespace Cria.Tests.Checkpoints;

/// <summary>Files from strangers: each wrong statement has its message, and none costs time or memory.</summary>
public sealed class GgufDamageTests : IDisposable
{
    private const string CutShort = "fix      the file was cut short or damaged: download or copy it again";

    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();

    public static TheoryData<string, byte[], string> Files => new()
    {
        { "magic", [.. "GGML"u8, 3, 0, 0, 0], "is not a GGUF file: it does not start with 'GGUF'." },
        { "empty", [], "is not a GGUF file: it is empty." },
        { "only magic", [.. "GGUF"u8], $"ends at byte 4, in the middle of 'the version'.\n  {CutShort}" },
        {
            "version 1", new GgufBytes { Version = 1 }.Make(),
            "is a GGUF file of a version that Cria does not read.\n  expected version 2 or 3, little-endian\n  found    version 1"
        },
        {
            "big-endian", new GgufBytes { Version = 3 << 24 }.Make(),
            "is a GGUF file of a version that Cria does not read.\n  expected version 2 or 3, little-endian\n  found    version 50331648, big-endian"
        },
        {
            "2^60 tensors", new GgufBytes().Make(claimedTensors: 1UL << 60),
            "'the number of tensors' has an impossible length at byte 8.\n  expected no more than the 16 bytes that follow can hold\n"
            + $"  found    1,152,921,504,606,846,976\n  {CutShort}"
        },
        {
            "2^64 - 1 keys", new GgufBytes().Make(claimedKeys: ulong.MaxValue),
            "'the number of metadata keys' has an impossible length at byte 16.\n  expected no more than the 8 bytes that follow can hold\n"
            + $"  found    18,446,744,073,709,551,615\n  {CutShort}"
        },
        {
            "2^60 texts", new GgufBytes().List("tokens", 8, 1UL << 60, []).Make(),
            "'tokens' has an impossible length at byte 46.\n  expected no more than the 10 bytes that follow can hold\n"
            + $"  found    1,152,921,504,606,846,976\n  {CutShort}"
        },
        {
            "10^12 bytes", new GgufBytes().List("tokens", 0, 1_000_000_000_000, []).Make(),
            "'tokens' has an impossible length at byte 46.\n  expected no more than the 10 bytes that follow can hold\n"
            + $"  found    1,000,000,000,000\n  {CutShort}"
        },
        {
            "type of value", new GgufBytes().Raw("key", 13, [0]).Make(),
            $"metadata 'key' is of an unknown type.\n  expected a number from 0 to 12\n  found    13\n  {CutShort}"
        },
        { "key twice", new GgufBytes().U32("key", 1).U32("key", 1).Make(), "metadata 'key' is in the file twice." },
        {
            "lists in lists", new GgufBytes().List("key", 9, 1, Nested(50)).Make(),
            "metadata 'key' holds lists within lists within lists."
        },
        {
            "alignment", new GgufBytes().U32("general.alignment", 33).Make(),
            "metadata 'general.alignment' has an impossible value.\n  expected a power of two, 1,048,576 at most\n  found    33"
        },
        {
            "alignment 0", new GgufBytes().U32("general.alignment", 0).Make(),
            "metadata 'general.alignment' has an impossible value.\n  expected a power of two, 1,048,576 at most\n  found    0"
        },
        {
            "behind the end", new GgufBytes().Floats("a", [1], 1).Line("b", 0, 64, 4).Make(),
            $"tensor 'b' lies outside of the file.\n  expected a place within the 32 bytes of data\n  found    bytes 64 to 80\n  {CutShort}"
        },
        {
            "overlap", new GgufBytes().Floats("a", new float[16], 16).Line("b", 0, 32, 8).Make(),
            "tensors 'a' and 'b' overlap."
        },
        {
            "unaligned", new GgufBytes().Floats("a", new float[16], 16).Line("b", 0, 4, 1).Make(),
            "tensor 'b' starts at an odd place.\n  expected a multiple of 32\n  found    4"
        },
        { "twice", new GgufBytes().Floats("a", [1], 1).Floats("a", [1], 1).Make(), "tensor 'a' is in the file twice." },
        {
            "2^63 numbers", new GgufBytes().Line("a", 0, 0, 1UL << 31, 1UL << 31, 2).Make(),
            "tensor 'a' has an impossible shape, [2, 2147483648, 2147483648]."
        },
        { "2^64 numbers", new GgufBytes().Line("a", 0, 0, 1UL << 63).Make(), "'a' holds a number of more than 63 bits." },
        { "many axes", new GgufBytes().Line("a", 0, 0, 1, 1, 1, 1, 1).Make(), "tensor 'a' has more than 4 axes, which is the most that Cria reads." },
        {
            "row of blocks", new GgufBytes().Line("a", 8, 0, 33, 2).Make(),
            "tensor 'a' cannot be of type q8_0.\n  expected rows of a multiple of 32 numbers\n  found    [2, 33]"
        },
    };

    public static TheoryData<string, byte[], string> Models => new()
    {
        { "no architecture", new GgufBytes().Make(), "metadata 'general.architecture' is missing, which a LLaMA needs." },
        {
            "type of architecture", new GgufBytes().U32("general.architecture", 1).Make(),
            "metadata 'general.architecture' is of the wrong type.\n  expected a text\n  found    one u32"
        },
        { "no size", new GgufBytes().Text("general.architecture", "llama").Make(), "metadata 'llama.embedding_length' is missing, which a LLaMA needs." },
        {
            "no heads", new GgufBytes().Text("general.architecture", "llama").U32("llama.embedding_length", 8).U32("llama.attention.head_count", 0).Make(),
            "metadata 'llama.attention.head_count' has an impossible value.\n  expected 1 to 2,147,483,647\n  found    0"
        },
        {
            "partly rotated", GgufBytes.TinyLlama().U32("llama.rope.dimension_count", 2).Make(),
            "metadata 'llama.rope.dimension_count' has an impossible value.\n  expected the even size of a head, here 4\n  found    2"
        },
        {
            "frequency", GgufBytes.TinyLlama().F32("llama.rope.freq_base", float.NaN).Make(),
            "metadata 'llama.rope.freq_base' has an impossible value.\n  expected a positive number\n  found    NaN"
        },
        {
            "two names for one tensor", GgufBytes.TinyLlama().Floats("token_embd.weight", new float[8], 8).Floats("model.embed_tokens.weight", new float[8], 8).Make(),
            "tensor 'model.embed_tokens.weight' is in the file twice."
        },
        { "adapter", GgufBytes.TinyLlama().Text("general.type", "adapter").Make(), "holds no model: it says that it is of type 'adapter'." },
    };

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Theory, MemberData(nameof(Files))]
    public void A_lying_file_is_refused(string name, byte[] bytes, string message)
    {
        string path = folder.File($"{name}.gguf");
        File.WriteAllBytes(path, bytes);
        long memory = GC.GetAllocatedBytesForCurrentThread();

        Quick.Within(seconds: 1, () =>
            Assert.Equal($"{path}: {message}", Assert.Throws<CheckpointException>(() => GgufFile.Open(path)).Message));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - memory, 0, 1 << 20);
    }

    [Theory, MemberData(nameof(Models))]
    public void What_no_LLaMA_can_be_is_refused(string name, byte[] bytes, string message)
    {
        string path = folder.File($"{name}.gguf");
        File.WriteAllBytes(path, bytes);

        var wrong = Assert.Throws<CheckpointException>(() =>
        {
            using var checkpoint = Checkpoint.Open(path, cpu);
            _ = checkpoint.Config;
        });

        Assert.Equal($"{path}: {message}", wrong.Message);
    }

    [Fact]
    public void An_empty_vocabulary_is_refused()
    {
        string path = GgufBytes.TinyLlama().Text("tokenizer.ggml.model", "llama").Texts("tokenizer.ggml.tokens").Write(folder.File("x.gguf"));

        var wrong = Assert.Throws<TokenizerException>(() => Llama.LoadTokenizer(path));

        Assert.StartsWith(path, wrong.Message);
    }

    [Fact]
    public void A_part_of_another_model_is_refused()
    {
        string first = GgufBytes.TinyLlama().U32("split.no", 0).U32("split.count", 2).U32("split.tensors.count", 3)
            .Floats("output_norm.weight", new float[8], 8).Write(folder.File("x-00001-of-00002.gguf"));
        new GgufBytes().U32("split.no", 1).U32("split.count", 2).U32("split.tensors.count", 3).Floats("output.weight", [3, 3, 3], 3, 1)
            .Write(folder.File("x-00002-of-00002.gguf"));

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(first, cpu));

        Assert.Equal(
            $"""
            {first}: its parts do not belong together, or one was cut short.
              expected 3 tensors in all, from split.tensors.count
              found    2
              fix      download all parts of one model again
            """, wrong.Message);
    }

    [Fact]
    public void Any_damage_ends_in_a_checkpoint_exception()
    {
        string path = folder.File("x.gguf");
        byte[] whole = GgufBytes.TinyLlama().Text("tokenizer.ggml.model", "llama").Texts("tokenizer.ggml.tokens", "<unk>", "a", "b")
            .Floats("token_embd.weight", new float[24], 8, 3).Floats("blk.0.attn_q.weight", new float[64], 8, 8).Make();

        Damage.Try(whole, times: 3_000, seed: 2, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            using var checkpoint = Checkpoint.Open(path, cpu);
            _ = checkpoint.Config;
            foreach (string key in checkpoint.Gguf?.Metadata.Keys ?? [])
                checkpoint.Gguf!.Metadata.Describe(key);
            foreach (string name in checkpoint.Tensors.Keys)
                checkpoint.TryGet(name, out _);
        });
    }

    /// <summary>Lists of one list each, and an empty one at the end.</summary>
    private static byte[] Nested(int depth)
    {
        byte[] inner = [.. BitConverter.GetBytes(9u), .. BitConverter.GetBytes(1UL)];
        return [.. Enumerable.Repeat(inner, depth).SelectMany(bytes => bytes), .. BitConverter.GetBytes(4u), .. BitConverter.GetBytes(0UL)];
    }
}
