namespace Cria.Checkpoints;

/// <content>Files that cannot be written as asked.</content>
public sealed partial class CheckpointException
{
    internal static CheckpointException NoGgufType(string file, string tensor, string type) => new(
        $"{file}: cannot hold tensor {Quote(tensor)}: GGUF has no type {type}.");
}
