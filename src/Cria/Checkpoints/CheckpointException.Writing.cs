namespace Cria.Checkpoints;

/// <content>Files that cannot be written as asked.</content>
public sealed partial class CheckpointException
{
    internal static CheckpointException NoGgufType(string file, string tensor, string type) => new(
        $"{file}: cannot hold tensor {Quote(tensor)}: GGUF has no type {type}.");

    internal static CheckpointException NoPlace(string file, string tensor) => new(
        $"""
        {file}: tensor {Quote(tensor)} would be lost.
          expected the tensors of a dense LLaMA, which has no other
          fix      convert the model that it was made from, or remove the tensor if nothing needs it
        """);

    internal static CheckpointException OtherFactors(string file, string tensor) => new(
        $"""
        {file}: tensor {Quote(tensor)} does not follow from Llama 3.1's settings.
          expected divisors of the rotary frequencies that a factor, a low and a high frequency factor give, for config.json has no others
          fix      convert to a .gguf file, which can hold any
        """);

}
