using System.Text;
using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

public sealed class SafetensorsTests : IDisposable
{
    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Fact]
    public void What_is_written_is_read_again_with_its_names_in_order()
    {
        string path = folder.File("adapter.safetensors");
        var b = cpu.From([1, 2, 3, 4, 5, 6], new Shape(2, 3));
        var a = cpu.From([7], new Shape());

        Safetensors.Write(path, [new("b", b), new("a", a), new("none", cpu.Empty(new Shape(0, 4)))]);

        using var read = Checkpoint.Open(path, cpu);
        Assert.Equal(["b", "a", "none"], read.Tensors.Keys);
        Assert.Equal("[2, 3]", read.Tensors["b"].Shape.ToString());
        Assert.Equal([1f, 2, 3, 4, 5, 6], Get(read, "b").Floats().ToArray());
        Assert.Equal(7f, Get(read, "a").Item());
        Assert.Equal(0, Get(read, "none").Shape.Length);
    }

    [Fact]
    public void The_file_says_that_PyTorch_may_open_it_and_its_data_is_aligned()
    {
        string path = folder.File("x.safetensors");

        Safetensors.Write(path, [new("weight", cpu.From([1, 2], new Shape(2)))]);

        byte[] bytes = File.ReadAllBytes(path);
        string header = Encoding.UTF8.GetString(bytes, 8, BitConverter.ToInt32(bytes, 0));
        Assert.Equal("""{"__metadata__":{"format":"pt"},"weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", header.TrimEnd(' '));
        Assert.Equal(0, header.Length % 8);
        Assert.Equal(8 + header.Length + 8, bytes.Length);
    }

    [Fact]
    public void Wide_numbers_stand_first_where_types_are_mixed()
    {
        string path = folder.File("x.safetensors");
        var half = cpu.From([1, 2, 3], new Shape(3)).To(DataType.BF16);
        var single = cpu.From([4], new Shape(1));

        Safetensors.Write(path, [new("half", half), new("single", single)], new Dictionary<string, string>());

        byte[] bytes = File.ReadAllBytes(path);
        string header = Encoding.UTF8.GetString(bytes, 8, BitConverter.ToInt32(bytes, 0)).TrimEnd(' ');
        using var read = Checkpoint.Open(path, cpu);
        Assert.Equal("""{"half":{"dtype":"BF16","shape":[3],"data_offsets":[4,10]},"single":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", header);
        Assert.Equal([1f, 2, 3], Get(read, "half").To(DataType.F32).Floats().ToArray());
        Assert.Equal(4f, Get(read, "single").Item());
    }

    [Fact]
    public void Blocks_cannot_be_written()
    {
        string path = folder.File("x.safetensors");
        var blocks = cpu.Zeros(new Shape(1, 32)).To(DataType.Q8);

        var wrong = Assert.Throws<CheckpointException>(() => Safetensors.Write(path, [new("a", blocks)]));

        Assert.Equal($"{path}: tensor 'a' is of type q8_0, which safetensors files cannot hold; convert it to f32, f16 or bf16.", wrong.Message);
    }

    [Theory]
    [InlineData("Q8_0")]
    [InlineData("NF4")]
    public void A_header_cannot_borrow_a_type_from_another_format(string type)
    {
        string header = SafetensorsBytes.Header(SafetensorsBytes.Entry("a", type, "[32]", 0, 8));
        using var checkpoint = Checkpoint.Open(SafetensorsBytes.Write(folder.File("x.safetensors"), header, 8), cpu);

        Assert.Throws<CheckpointException>(() => checkpoint.TryGet("a", out _));
    }

    [Fact]
    public void A_name_cannot_be_written_twice()
    {
        var one = cpu.From([1], new Shape(1));
        string path = folder.File("x.safetensors");

        var wrong = Assert.Throws<CheckpointException>(() => Safetensors.Write(path, [new("a", one), new("a", one)]));

        Assert.Equal($"{path}: tensor 'a' is in the file twice.", wrong.Message);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Whole_numbers_are_read_as_such()
    {
        using var expected = Checkpoint.Open(TestData.Fixture("golden/llama2-gqa/expected.safetensors"), cpu);

        long[] ids = expected.Integers("input_ids");

        Assert.Equal(2 * 48, ids.Length);
        Assert.All(ids, id => Assert.InRange(id, 0, 319));
    }

    [Fact]
    public void Numbers_of_another_kind_are_listed_and_refused_only_when_wanted()
    {
        string header = SafetensorsBytes.Header(SafetensorsBytes.Entry("ids", "I64", "[2]", 0, 16));
        string path = SafetensorsBytes.Write(folder.File("x.safetensors"), header, 16);
        using var checkpoint = Checkpoint.Open(path, cpu);

        var wrong = Assert.Throws<CheckpointException>(() => checkpoint.TryGet("ids", out _));

        Assert.Equal([0L, 0], checkpoint.Integers("ids"));
        Assert.Equal(
            $"""
            {path}: tensor 'ids' is stored in a type that cannot be computed with.
              expected one of {string.Join(", ", DataType.All)}
              found    'i64'
              fix      take another quantisation of the model, or convert the original: cria convert MODEL --out FILE.gguf --type q8_0
            """, wrong.Message);
    }

    [Fact]
    public void A_tensor_is_made_once_and_never_copied()
    {
        using var checkpoint = Checkpoint.Open(TestData.Fixture("golden/llama2-gqa/model.safetensors"), cpu);
        long before = cpu.MemoryBytes;

        var first = Get(checkpoint, "model.norm.weight");
        var second = Get(checkpoint, "model.norm.weight");

        Assert.Same(first, second);
        Assert.True(first.Storage.IsMapped);
        Assert.Equal(before, cpu.MemoryBytes);
    }

    private static Tensor Get(Checkpoint checkpoint, string name)
    {
        Assert.True(checkpoint.TryGet(name, out var tensor), name);
        return tensor;
    }
}
