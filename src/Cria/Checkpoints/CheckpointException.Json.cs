namespace Cria.Checkpoints;

/// <content>Folders from Hugging Face: configurations and lists of files.</content>
public sealed partial class CheckpointException
{
    internal static CheckpointException NoConfig(string folder) => new(
        $"{folder}: config.json is missing, which holds the sizes of the model. Download it from where the weights came from.");

    internal static CheckpointException TooLong(string file, long expected, long found) => new(
        $"""
        {file}: is too long to be what its name says.
          expected {expected:N0} bytes at most
          found    {found:N0} bytes
        """);

    internal static CheckpointException BadJson(string file, long line, long column) => new(
        $"{file}: is not valid JSON at line {line + 1}, byte {column + 1} (or names a key twice, or is nested deeper than {JsonFile.MaxDepth}).");

    internal static CheckpointException BadText(string file) => new(
        $"{file}: is not valid JSON: a text in it is not Unicode. The file was damaged, or is of another kind: download or copy it again.");

    internal static CheckpointException NotAnObject(string file) => new($"{file}: is JSON, but not an object of keys and values.");

    internal static CheckpointException NoWeightMap(string file) => new(
        $"{file}: has no 'weight_map' that gives each tensor's name the name of its file.");

    internal static CheckpointException LeavesFolder(string file, string tensor, string part) => new(
        $"""
        {file}: tensor {Quote(tensor)} is said to be outside of the folder.
          expected the plain name of a file beside this one
          found    {Quote(part)}
        """);

    internal static CheckpointException MissingPart(string file, string part) => new(
        $"{file}: names the file {Quote(part)}, which is not in the folder. The download is not complete: get the missing file.");

    internal static CheckpointException NotInPart(string file, string tensor, string part) => new(
        $"{file}: says that tensor {Quote(tensor)} is in {Quote(part)}, which does not hold it. The files do not belong together: download them again.");

    internal static CheckpointException NoWeights(string folder, string? instead)
    {
        string message = $"{folder}: holds no weights that Cria reads.\n  expected model.safetensors or pytorch_model.bin (or the .index.json of either and its files), or consolidated.00.pth";
        return new(instead is null ? message : $"{message}\n  found    {instead}");
    }
}
