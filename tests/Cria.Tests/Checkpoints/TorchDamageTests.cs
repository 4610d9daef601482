using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

/// <summary>PyTorch files from strangers: none runs anything, and each wrong statement has its message.</summary>
public sealed class TorchDamageTests : IDisposable
{
    private const string CutShort = "fix      the file was cut short or damaged: download or copy it again";

    private static readonly TorchBytes Right = new TorchBytes().Floats("a", [1, 2, 3, 4], 2, 2);

    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();

    public static TheoryData<string, byte[], string> Files => new()
    {
        { "text", "hello, this is not a checkpoint at all"u8.ToArray(), "is not a PyTorch file.\n  expected a zip archive as torch.save writes it, with an entry data.pkl" },
        { "empty", [], "is not a PyTorch file.\n  expected a zip archive as torch.save writes it, with an entry data.pkl" },
        {
            "legacy", [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.'],
            "is a PyTorch file of the form before version 1.6, which Cria does not read.\n"
            + "  fix      save it again with a newer PyTorch: torch.save(torch.load(\"old.pth\", weights_only=True), \"new.pth\")"
        },
        {
            "tar", [.. new byte[257], .. "ustar\0 "u8],
            "is a PyTorch file of the form before version 1.6, which Cria does not read.\n"
            + "  fix      save it again with a newer PyTorch: torch.save(torch.load(\"old.pth\", weights_only=True), \"new.pth\")"
        },
        { "a program", Right.Make(Calling("posix.system")), $"calls 'posix.system' when it is opened by Python; nothing was run.\n  expected tensors in dictionaries, and nothing else\n  {SaveTensors}" },
        { "a class", Right.Make(Calling("transformers.training_args.TrainingArguments")), $"calls 'transformers.training_args.TrainingArguments' when it is opened by Python; nothing was run.\n  expected tensors in dictionaries, and nothing else\n  {SaveTensors}" },
        { "eval", Right.Make(Calling("builtins.eval")), $"calls 'builtins.eval' when it is opened by Python; nothing was run.\n  expected tensors in dictionaries, and nothing else\n  {SaveTensors}" },
        { "arguments", Right.Make(new PickleBytes().Global("torch._utils._rebuild_tensor_v2").Raw(")R"u8).End()), $"its list of tensors (data.pkl) calls 'torch._utils._rebuild_tensor_v2' with arguments that PyTorch does not write.\n  {CutShort}" },
        { "operation", Right.Make(new PickleBytes().Raw((byte)'i').End()), $"its list of tensors (data.pkl) uses operation 0x69, which PyTorch does not write.\n  {CutShort}" },
        { "no end", Right.Make([0x80, 2, (byte)'}']), $"its list of tensors (data.pkl) ends at byte 3, in the middle of a value.\n  {CutShort}" },
        { "text of 4 GB", Right.Make([0x80, 2, (byte)'X', 0xFF, 0xFF, 0xFF, 0xFF]), $"its list of tensors (data.pkl) ends at byte 7, in the middle of a value.\n  {CutShort}" },
        { "nothing on the stack", Right.Make([0x80, 2, (byte)'.']), $"its list of tensors (data.pkl) takes a value where there is none.\n  {CutShort}" },
        { "unknown memory", Right.Make([0x80, 2, (byte)'h', 9, (byte)'.']), $"its list of tensors (data.pkl) recalls value 9, which it never kept.\n  {CutShort}" },
        { "a million lists", Right.Make([0x80, 2, .. Enumerable.Repeat((byte)']', 1_000_000)]), "its list of tensors (data.pkl) is larger than that of any model." },
        { "a million marks", Right.Make([0x80, 2, .. Enumerable.Repeat((byte)'(', 1_000_000)]), "its list of tensors (data.pkl) is larger than that of any model." },
        { "many lists", Right.Make([0x80, 2, .. Enumerable.Repeat("]0"u8.ToArray(), 2_000_000).SelectMany(pair => pair)]), "its list of tensors (data.pkl) is larger than that of any model." },
        {
            "in itself", Right.Make(new PickleBytes().Raw((byte)'}').Put().Text("model").Raw([(byte)'j', 0, 0, 0, 0, (byte)'s']).End()),
            "holds no tensors by name.\n  expected a dictionary of tensors, or one below 'model' or 'state_dict'"
        },
        { "a list", Right.Make(new PickleBytes().Raw((byte)']').End()), "holds no tensors by name.\n  expected a dictionary of tensors, or one below 'model' or 'state_dict'" },
        {
            "behind its storage", new TorchBytes().Floats("a", [1, 2], 2).ViewOfLast("b", offset: 1, [2], [1]).Make(),
            $"tensor 'b' lies outside of the file.\n  expected a place within the 8 bytes of data\n  found    bytes 4 to 12\n  {CutShort}"
        },
        {
            "2^62 behind", new TorchBytes().Floats("a", [1, 2], 2).ViewOfLast("b", offset: 0, [1L << 31, 2], [1L << 40, 1L << 62]).Make(),
            "tensor 'b' has an impossible shape, [2147483648, 2]."
        },
        {
            "expanded", new TorchBytes().Floats("a", [1, 2], 2).ViewOfLast("b", offset: 0, [1_000_000, 1_000_000], [0, 0]).Make(),
            "tensor 'b' is an expanded view: [1000000, 1000000] numbers over 8 bytes.\n  fix      save it with .contiguous()"
        },
        {
            "no storage", new TorchBytes().Add("a", new TorchBytes.View(new TorchBytes.StorageEntry("7", "FloatStorage", 1), 0, [1], [1])).Make(),
            $"tensor 'a' has its numbers in 'data/7', which is not in the archive.\n  {CutShort}"
        },
        {
            "short storage", new TorchBytes().Tensor("a", "FloatStorage", new byte[12], 4).Make(),
            $"the numbers of tensor 'a' have the wrong length.\n  expected 16 bytes in 'archive/data/0'\n  found    12\n  {CutShort}"
        },
        { "twice", new TorchBytes().Floats("a", [1], 1).Floats("a", [1], 1).Make(), "tensor 'a' is in the file twice." },
        { "five axes", new TorchBytes().Floats("a", [1], 1, 1, 1, 1, 1).Make(), "tensor 'a' has more than 4 axes, which is the most that Cria reads." },
        { "no list", Zip(zip => zip.Add("archive/version", "3\n"u8)), "is not a PyTorch file.\n  expected a zip archive as torch.save writes it, with an entry data.pkl" },
        { "script", Zip(zip => zip.Add("archive/data.pkl", ".").Add("archive/constants.pkl", ".")), $"is a TorchScript program, not a file of tensors; nothing was run.\n  {SaveTensors}" },
        {
            "big-endian", Zip(zip => zip.Add("archive/data.pkl", ".").Add("archive/byteorder", "big"u8)),
            "was written on a big-endian machine; Cria reads little-endian files only. Save it again on another machine."
        },
        { "leaving", Zip(zip => zip.Add("archive/../../x", ".")), "has an entry 'archive/../../x', which leads out of the archive's folder." },
        {
            "compressed", Zip(zip => zip.Claim(8).Add("archive/data.pkl", ".")),
            "entry 'archive/data.pkl' is compressed, which neither torch.save nor numpy.savez does.\n  fix      unpack the archive, and pack it again without compression (zip -0 -r)"
        },
        { "entry twice", Zip(zip => zip.Add("a/b", ".").Add("a/b", ".")), $"is a damaged zip archive: entry 'a/b' is in the archive twice.\n  {CutShort}" },
        { "cut short", Right.Make()[..^30], $"is a damaged zip archive: its directory, which stands at the end, is missing.\n  {CutShort}" },
    };

    private static string SaveTensors => """fix      take the safetensors version, or let whoever made it save the tensors alone: torch.save(model.state_dict(), "model.pth")""";

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Theory, MemberData(nameof(Files))]
    public void A_lying_file_is_refused(string name, byte[] bytes, string message)
    {
        string path = folder.File($"{name}.pth");
        File.WriteAllBytes(path, bytes);

        Quick.Within(seconds: 1, () =>
            Assert.Equal($"{path}: {message}", Assert.Throws<CheckpointException>(() => Checkpoint.Open(path, cpu)).Message));
    }

    [Fact]
    public void Any_damage_ends_in_a_checkpoint_exception()
    {
        string path = folder.File("x.pth");
        byte[] whole = new TorchBytes { Wrappers = ["model"] }.Floats("tok_embeddings.weight", new float[24], 3, 8).Floats("norm.weight", new float[8], 8)
            .Floats("layers.0.attention.wq.weight", new float[64], 8, 8).ViewOfLast("layers.0.attention.wk.weight", 0, [8, 8], [1, 8]).Make();
        File.WriteAllText(folder.File("params.json"), """{"n_heads": 2}""");

        Damage.Try(whole, times: 3_000, seed: 3, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            using var checkpoint = Checkpoint.Open(path, cpu);
            _ = checkpoint.Config;
            foreach (string name in checkpoint.Tensors.Keys)
                checkpoint.TryGet(name, out _);
        });
    }

    private static byte[] Calling(string global) => new PickleBytes().Global(global).Mark().Text("touch /tmp/was-run").Raw("tR"u8).End();

    private static byte[] Zip(Action<ZipBytes> add)
    {
        using var stream = new MemoryStream();
        var zip = new ZipBytes(stream);
        add(zip);
        zip.End();
        return stream.ToArray();
    }
}
