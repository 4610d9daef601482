using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>A file cannot be used. The message names the file and the thing in it, what was expected and why, what was found, and the fix where there is one.</summary>
public sealed partial class CheckpointException : Exception
{
    private CheckpointException(string message, Exception? because = null)
        : base(message, because)
    {
    }

    /// <summary>The file or folder that could not be written, with the system's reason as the inner exception; null for every other failure.</summary>
    internal string? Unwritten { get; private init; }

    internal static CheckpointException Missing(string file, string tensor, string? closest)
    {
        string message = $"{file}: tensor {Quote(tensor)} is not in the file.";
        return new(closest is null ? message : $"{message}\n  closest  {Quote(closest)}");
    }

    internal static CheckpointException WrongShape(string file, string tensor, Shape expected, string because, Shape found) => new(
        $"""
        {file}: tensor {Quote(tensor)} has the wrong shape.
          expected {expected}, from {because}
          found    {found}
        """);

    internal static CheckpointException WrongRows(TensorInfo info, long expected, string because) => new(
        $"""
        {info.File}: tensor {Quote(info.Name)} has the wrong shape.
          expected {expected} rows, from {because}
          found    {info.Shape}
        """);

    internal static CheckpointException WrongType(TensorInfo info) => new(
        $"""
        {info.File}: tensor {Quote(info.Name)} is stored in a type that cannot be computed with.
          expected one of {string.Join(", ", DataType.All)}
          found    {Quote(info.TypeName)}
          fix      take another quantisation of the model, or convert the original: cria convert MODEL --out FILE.gguf --type q8_0
        """);

    internal static CheckpointException NotWholeNumbers(TensorInfo info) => new(
        $"""
        {info.File}: tensor {Quote(info.Name)} does not hold whole numbers.
          expected one of bool, u8, i8, u16, i16, u32, i32, i64
          found    {Quote(info.TypeName)}
        """);

    internal static CheckpointException NotFound(string path) => new($"{path}: there is no such file or folder.");

    internal static CheckpointException CannotOpen(string file, Exception because) => new($"{file}: cannot be opened: {DiskFault.Reason(because)}.");

    internal static CheckpointException NotMappable(string file) => new(
        $"{file}: is a pipe or a device. Models and adapters are read from files that can be mapped into memory: save it as a file, and name that.");

    internal static CheckpointException CannotWrite(string file, Exception because) => new(
        $"{file}: cannot be written: {DiskFault.Reason(because)}. What was there before is untouched.", because) { Unwritten = file };

    internal static CheckpointException NoRun(string folder) => new(
        $"""
        {folder}: there is nothing to resume.
          expected the folder of a run, with a folder checkpoints in it
        """);

    /// <summary>The same failure of a run's newest checkpoint, with how to go on from the one before.</summary>
    internal static CheckpointException WithOlder(CheckpointException failure, string newest, string older) => new(
        $"""
        {failure.Message}
          kept     {older}: to go on from there, move {newest} out of the folder of checkpoints and resume again
        """);

    internal static CheckpointException UnknownFormat(string file) => new(
        $"""
        {file}: is not a checkpoint that Cria reads.
          expected a folder from Hugging Face (config.json and model.safetensors) or Meta (params.json and consolidated.00.pth), or a .safetensors, .gguf or PyTorch file
        """);

    /// <summary>A name from a file, made safe to print: it may be endless or hold control characters.</summary>
    internal static string Quote(string name)
    {
        const int longest = 120;
        return $"'{string.Concat(Excerpt.Of(name, longest).Select(c => char.IsControl(c) ? '\uFFFD' : c))}'";
    }
}
