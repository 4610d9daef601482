using Cria.Tensors;

namespace Cria.Checkpoints;

/// <content>PyTorch files and Meta's layout of them.</content>
public sealed partial class CheckpointException
{
    private const string SaveTensors = """  fix      take the safetensors version, or let whoever made it save the tensors alone: torch.save(model.state_dict(), "model.pth")""";

    internal static CheckpointException NotTorch(string file) => new(
        $"""
        {file}: is not a PyTorch file.
          expected a zip archive as torch.save writes it, with an entry data.pkl
        """);

    internal static CheckpointException LegacyTorch(string file) => new(
        $"""
        {file}: is a PyTorch file of the form before version 1.6, which Cria does not read.
          fix      save it again with a newer PyTorch: torch.save(torch.load("old.pth", weights_only=True), "new.pth")
        """);

    internal static CheckpointException TorchScript(string file) => new(
        $"{file}: is a TorchScript program, not a file of tensors; nothing was run.\n{SaveTensors}");

    internal static CheckpointException BigEndian(string file) => new(
        $"{file}: was written on a big-endian machine; Cria reads little-endian files only. Save it again on another machine.");

    internal static CheckpointException PickleCalls(string file, string global) => new(
        $"""
        {file}: calls {Quote(global)} when it is opened by Python; nothing was run.
          expected tensors in dictionaries, and nothing else
        {SaveTensors}
        """);

    internal static CheckpointException BadPickle(string file, string what) => new($"{file}: its list of tensors (data.pkl) {what}.\n{CutShort}");

    internal static CheckpointException PickleEnds(string file, long position) => BadPickle(file, $"ends at byte {position:N0}, in the middle of a value");

    internal static CheckpointException PickleTooLarge(string file) => new(
        $"{file}: its list of tensors (data.pkl) is larger than that of any model.");

    internal static CheckpointException NoTensors(string file) => new(
        $"""
        {file}: holds no tensors by name.
          expected a dictionary of tensors, or one below 'model' or 'state_dict'
        """);

    internal static CheckpointException NoStorage(string file, string tensor, string entry) => new(
        $"{file}: tensor {Quote(tensor)} has its numbers in {Quote(entry)}, which is not in the archive.\n{CutShort}");

    internal static CheckpointException StorageLength(string file, string tensor, string entry, long expected, long found) => new(
        $"""
        {file}: the numbers of tensor {Quote(tensor)} have the wrong length.
          expected {expected:N0} bytes in {Quote(entry)}
          found    {found:N0}
        {CutShort}
        """);

    internal static CheckpointException Repeated(string file, string tensor, Shape shape, long bytes) => new(
        $"""
        {file}: tensor {Quote(tensor)} is an expanded view: {shape} numbers over {bytes:N0} bytes.
          fix      save it with .contiguous()
        """);

    internal static CheckpointException BadZip(string file, string what) => new($"{file}: is a damaged zip archive: {what}.\n{CutShort}");

    internal static CheckpointException ZipLeavesFolder(string file, string entry) => new(
        $"{file}: has an entry {Quote(entry)}, which leads out of the archive's folder.");

    internal static CheckpointException ZipCompressed(string file, string entry, bool encrypted) => new(
        $"""
        {file}: entry {Quote(entry)} is {(encrypted ? "encrypted" : "compressed")}, which neither torch.save nor numpy.savez does.
          fix      unpack the archive, and pack it again without compression (zip -0 -r)
        """);

    internal static CheckpointException ShardMissing(string folder, string file) => new(
        $"{folder}: the file {Quote(file)} is missing, and later ones are there. The download is not complete: get the missing file.");

    internal static CheckpointException ShardCount(string folder, long expected, int found, string because) => new(
        $"""
        {folder}: is a part of a model.
          expected {expected:N0} files consolidated.NN.pth, from {because}
          found    {found:N0}
          fix      the download is not complete: get the missing files
        """);

    internal static CheckpointException ShardsDisagree(string first, string other, string tensor, string problem) => new(
        $"""
        {other}: is not a part of the same model as {first}: {problem}.
          tensor   {Quote(tensor)}
          fix      the files do not belong together: download them again
        """);

    internal static CheckpointException NoSettings(string file, string known, string missing, string tell) => new(
        $"""
        {file}: the settings of the model stand neither in it nor beside it.
          known    {known}
          missing  {missing}
          fix      {tell}
        """);

    internal static CheckpointException LinkLeavesFolder(string file, string part, string target) => new(
        $"""
        {file}: names the file {Quote(part)}, which is a link out of the folder.
          expected a file in the folder, or a link into the cache of Hugging Face (a folder blobs)
          found    {Quote(target)}
          fix      copy the file into the folder
        """);
}
