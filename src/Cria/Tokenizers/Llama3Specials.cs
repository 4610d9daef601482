namespace Cria.Tokenizers;

/// <summary>The 256 special tokens of Llama 3, whose ids follow those of the ranks.</summary>
/// <remarks>Names and order are those of Llama 3.1 and later, <see href="https://github.com/meta-llama/llama-models/blob/main/models/llama3/tokenizer.py"/>.</remarks>
internal static class Llama3Specials
{
    public const int Count = 256;

    private static readonly string[] Named =
    [
        "<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
        "<|finetune_right_pad_id|>", "<|step_id|>", "<|start_header_id|>", "<|end_header_id|>",
        "<|eom_id|>", "<|eot_id|>", "<|python_tag|>", "<|image|>",
    ];

    /// <summary>The names after which an answer is over: of the text, of a message that calls a tool, of a turn.</summary>
    public static readonly string[] Ends = ["<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"];

    public static string Begin => Named[0];

    public static IEnumerable<string> Names =>
        [.. Named, .. Enumerable.Range(2, Count - Named.Length).Select(n => $"<|reserved_special_token_{n}|>")];
}
