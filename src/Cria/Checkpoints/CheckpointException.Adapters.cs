using Cria.Tensors;

namespace Cria.Checkpoints;

/// <content>Adapters in every form.</content>
public sealed partial class CheckpointException
{
    internal static CheckpointException NoAdapter(string path) => new(
        $"""
        {path}: holds no adapter that Cria reads.
          expected a folder of peft (adapter_config.json with adapter_model.safetensors or .bin) or of mlx-lm (adapters.safetensors), a GGUF file of type adapter, or a file of factors lora_A and lora_B
        """);

    internal static CheckpointException NotAnAdapter(string file, string kind) => new(
        $"""
        {file}: is not a LoRA.
          expected general.type 'adapter' and adapter.type 'lora'
          found    {Quote(kind)}
        """);

    internal static CheckpointException NotAFactor(string file, string tensor) => new(
        $"""
        {file}: tensor {Quote(tensor)} is not a factor of a LoRA.
          expected a name such as 'blk.0.attn_q.weight.lora_a'
        """);

    internal static CheckpointException FactorMissing(string file, string tensor, string factor) => new(
        $"{file}: tensor {Quote(tensor)} has no factor {factor} beside it, and a LoRA is a product of the two.");

    internal static CheckpointException FactorsDisagree(string file, string tensor, Shape a, Shape b) => new(
        $"""
        {file}: tensor {Quote(tensor)} does not fit the other factor of its layer.
          expected two matrices that share the rank
          found    A {a} and B {b}
        """);

    internal static CheckpointException NoGgufForm(string path, string what) => new(
        $"""
        {path}: llama.cpp has no form for this adapter: {what}.
          fix      keep it in peft's form, or merge it into its base
        """);

    internal static CheckpointException NoFeatures(string file, string tensor, IEnumerable<string> there) => new(
        $"""
        {file}: holds no tensor {Quote(tensor)} with the features of an image.
          expected a single tensor, one called 'features', or one that is named, as in {Path.GetFileName(file)}#NAME
          found    {string.Join(", ", there.Take(8).Select(Quote).DefaultIfEmpty("no tensor"))}
        """);

    internal static CheckpointException WrongFeatures(string file, TensorInfo tensor, string expected, string found) => new(
        $"""
        {file}: tensor {Quote(tensor.Name)} does not hold the features of an image.
          expected {expected}
          found    {found}
        """);

    internal static CheckpointException BadNpy(string file, string entry) => new($"{file}: {Quote(entry)} is not an array as numpy writes it.\n{CutShort}");

    internal static CheckpointException FortranOrder(string file, string entry) => new(
        $"{file}: {Quote(entry)} is stored column by column. Save it with numpy.ascontiguousarray.");
}
