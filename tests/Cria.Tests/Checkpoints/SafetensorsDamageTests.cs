using Cria.Checkpoints;
using Cria.Tensors;
using static Cria.Tests.Checkpoints.SafetensorsBytes;

namespace Cria.Tests.Checkpoints;

/// <summary>Files from strangers: each wrong statement has its message, and none costs time or memory.</summary>
public sealed class SafetensorsDamageTests : IDisposable
{
    private const string CutShort = "fix      the file was cut short or damaged: download or copy it again";

    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();

    public static TheoryData<string, int, string> Headers => new()
    {
        {
            Header(Entry("a", "F32", "[4]", 0, 16)), 12,
            $"tensor 'a' lies outside of the file.\n  expected a place within the 12 bytes of data\n  found    bytes 0 to 16\n  {CutShort}"
        },
        {
            Header(Entry("a", "F32", "[4]", 8, 4)), 16,
            $"tensor 'a' lies outside of the file.\n  expected a place within the 16 bytes of data\n  found    bytes 8 to 4\n  {CutShort}"
        },
        { Header(Entry("a", "F32", "[4]", 0, 16), Entry("b", "F32", "[4]", 8, 24)), 24, "tensors 'a' and 'b' overlap." },
        { Header(Entry("a", "F32", "[2]", 0, 8), Entry("b", "F32", "[2]", 16, 24)), 24, "bytes 8 to 16 of the data belong to no tensor, which the format forbids." },
        { Header(Entry("a", "F32", "[2]", 0, 8)), 24, "bytes 8 to 24 of the data belong to no tensor, which the format forbids." },
        {
            Header(Entry("a", "F32", "[3]", 0, 16)), 16,
            "tensor 'a' has the wrong number of bytes.\n  expected 12, from [3] numbers of type F32\n  found    16"
        },
        { Header(Entry("a", "F32", "[4294967296, 4294967296]", 0, 16)), 16, "tensor 'a' has an impossible shape, [4294967296, 4294967296]." },
        {
            Header(Entry("a", "F32", "[1152921504606846976]", 0, 16)), 16,
            "tensor 'a' has the wrong number of bytes.\n  expected 4,611,686,018,427,387,904, from [1152921504606846976] numbers of type F32\n  found    16"
        },
        { Header(Entry("a", "F32", "[-1]", 0, 16)), 16, "the safetensors header is damaged: tensor 'a' has a length or an offset that is not a number from 0 to 2^63 - 1." },
        { Header(Entry("a", "F32", "[1,1,1,1,4]", 0, 16)), 16, "tensor 'a' has more than 4 axes, which is the most that Cria reads." },
        { Header(Entry("a", "F32", "[2]", 0, 8), Entry("a", "F32", "[2]", 8, 16)), 16, "tensor 'a' is in the file twice." },
        { """{"a": {"dtype": "F32", "shape": [4]}}""", 16, "the safetensors header is damaged: tensor 'a' lacks one of dtype, shape and two data_offsets." },
        {
            """{"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16], "more": 1}}""", 16,
            "the safetensors header is damaged: tensor 'a' has the key 'more' twice, or it is not known."
        },
        { """{"a": 1}""", 0, "the safetensors header is damaged: 'a' is not described as the format says." },
        { """["a"]""", 0, "the safetensors header is damaged: 'the list of tensors' is not described as the format says." },
        { """{"__metadata__": {"format": 1}}""", 0, "the safetensors header is damaged: '__metadata__' is not described as the format says." },
        { """{"a": {"dtype": "F32" """, 0, "the safetensors header is damaged: it is not valid JSON at byte 22." },
        { "{\"\\uD800\": {}}", 0, "the safetensors header is damaged: a text in it is not valid UTF-8." },
        { "", 0, "the safetensors header is damaged: it is not valid JSON at byte 0." },
    };

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Theory, MemberData(nameof(Headers))]
    public void A_lying_header_is_refused(string header, int dataBytes, string message)
    {
        string path = Write(folder.File("x.safetensors"), header, dataBytes);

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path, cpu));

        Assert.Equal($"{path}: {message}", wrong.Message);
    }

    [Theory]
    [InlineData(1UL << 60)]
    [InlineData(ulong.MaxValue)]
    [InlineData(57UL)]
    public void A_header_longer_than_the_file_is_refused(ulong length)
    {
        string path = folder.File("x.safetensors");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes(length), .. new byte[56]]);

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path, cpu));

        Assert.Equal($"{path}: has a header of impossible length.\n  expected 56 bytes at most\n  found    {length:N0} bytes\n  {CutShort}", wrong.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_without_room_for_a_header_is_refused(int length)
    {
        string path = folder.File("x.safetensors");
        File.WriteAllBytes(path, new byte[length]);

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path, cpu));

        Assert.Equal(
            $"""
            {path}: is not a safetensors file.
              expected 8 bytes with the length of a header, and the header
              found    {length} bytes in all
            """, wrong.Message);
    }

    [Fact]
    public void A_header_of_a_million_brackets_is_refused_at_once()
    {
        string path = Write(folder.File("x.safetensors"), new string('[', 1_000_000), 0);
        long memory = GC.GetAllocatedBytesForCurrentThread();

        Quick.Within(seconds: 1, () => Assert.Throws<CheckpointException>(() => Checkpoint.Open(path, cpu)));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - memory, 0, 1 << 20);
    }

    [Fact]
    public void More_tensors_than_any_model_has_are_refused()
    {
        string header = Header([.. Enumerable.Range(0, 200_001).Select(i => Entry($"{i}", "F32", "[0]", 0, 0))]);
        string path = Write(folder.File("x.safetensors"), header, 0);

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path, cpu));

        Assert.Equal($"{path}: lists more than 200,000 tensors, which no model needs.", wrong.Message);
    }

    [Fact]
    public void Names_from_a_file_cannot_speak_to_the_terminal()
    {
        string name = new string('n', 500) + "\\u001b[2J";
        string path = Write(folder.File("x.safetensors"), Header(Entry("\\u001b[2J", "F32", "[1]", 0, 4), Entry(name, "F32", "[1]", 0, 4)), 4);

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(path, cpu));

        Assert.DoesNotContain('\u001b', wrong.Message);
        Assert.Equal($"{path}: tensors '\uFFFD[2J' and '{new string('n', 120)}…' overlap.", wrong.Message);
    }

    [Fact]
    public void Any_damage_ends_in_a_checkpoint_exception()
    {
        string path = folder.File("x.safetensors");
        Safetensors.Write(path, [new("model.a", cpu.From(new float[12], new Shape(3, 4))), new("model.b", cpu.From(new float[2], new Shape(2)))]);
        byte[] whole = File.ReadAllBytes(path);

        Damage.Try(whole, times: 3_000, seed: 1, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            using var checkpoint = Checkpoint.Open(path, cpu);
            foreach (string name in checkpoint.Tensors.Keys)
                checkpoint.TryGet(name, out _);
        });
    }
}
