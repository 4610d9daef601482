namespace Cria.Checkpoints;

/// <content>Checkpoints that can be read, but not used as what they were given for.</content>
public sealed partial class CheckpointException
{
    internal static CheckpointException NotLlama(string config, string architecture) => new(
        $"""
        {config}: is not a LLaMA.
          expected architecture 'LlamaForCausalLM' (LLaMA 1 to 3.3)
          found    architecture {Quote(architecture)}
        """);

    internal static CheckpointException Setting(string file, string key, string problem) => new($"{file}: {key}: {problem}.");

    internal static CheckpointException OtherBase(string file, string tensor, string problem) => new(
        $"""
        {file}: the adapter was made for another base: {problem}.
          tensor   {Quote(tensor)}
          fix      give the model that the adapter was trained on (base_model_name_or_path in its adapter_config.json)
        """);

    internal static CheckpointException NoTokenizer(string model) => new(
        $"{model}: has no tokenizer, so only token ids can be used. Put the tokenizer.json or tokenizer.model that belongs to the weights beside them.");

    internal static CheckpointException VocabularyMismatch(string model, string config, int expected, int found) => new(
        $"""
        {model}: the tokenizer does not fit the model.
          expected {expected:N0} tokens at most, from vocab_size in {config}
          found    {found:N0} tokens in the tokenizer
          fix      use the tokenizer.model that came with these weights
        """);

    internal static CheckpointException Blocks(string tensor, int columns, string type, int block) => new(
        $"{tensor}: rows of {columns} numbers cannot be stored as {type}, whose blocks hold {block}. Take {(block > 64 && columns % 32 == 0 ? "q4_0, q5_0 or q8_0, whose blocks hold 32" : "bf16")}.");
}
