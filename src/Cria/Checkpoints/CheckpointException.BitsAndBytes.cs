namespace Cria.Checkpoints;

/// <content>The 4-bit weights of bitsandbytes.</content>
public sealed partial class CheckpointException
{
    internal static CheckpointException QuantState(string file, string tensor, string problem) => new(
        $"{file}: tensor {Quote(tensor)}, which describes a 4-bit weight of bitsandbytes: {problem}.");

    internal static CheckpointException QuantBytes(string file, string tensor, long expected, long found) => new(
        $"""
        {file}: tensor {Quote(tensor)} has the wrong number of bytes for its 4-bit weight of bitsandbytes.
          expected {expected:N0}, from the shape and the blocksize in its quant_state
          found    {found:N0}
        """);

    internal static CheckpointException QuantMap(string file, string tensor) => new(
        $"""
        {file}: tensor {Quote(tensor)} is not a map that bitsandbytes writes.
          expected the numbers of nf4, of fp4, or the dynamic map of nested scales
          fix      take the original weights, and set base.type to nf4-dq to have them in 4 bits
        """);

    internal static CheckpointException QuantMethod(string file, string method) => new(
        $"""
        {file}: quantization_config: the weights are packed in a form that Cria does not read.
          expected none, or quant_method 'bitsandbytes' with load_in_4bit
          found    {Quote(method)}
          fix      take the original weights (base.type: nf4-dq has them in 4 bits), or a GGUF file of the model
        """);
}
