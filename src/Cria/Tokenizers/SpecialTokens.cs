namespace Cria.Tokenizers;

/// <summary>The special tokens that a generation of LLaMA puts after the ranks of its file, which does not name them.</summary>
/// <param name="Names">In the order of their ids.</param>
/// <param name="Ends">Those after which an answer is over: of the text, of a message that calls a tool, of a turn.</param>
internal sealed record SpecialTokens(string[] Names, string[] Ends)
{
    /// <summary>Names and order of Llama 3.1 and later, <see href="https://github.com/meta-llama/llama-models/blob/main/models/llama3/tokenizer.py"/>.</summary>
    public static readonly SpecialTokens Llama3 = new(
        [
            "<|begin_of_text|>", "<|end_of_text|>", .. Reserved("", 0, 2),
            "<|finetune_right_pad_id|>", "<|step_id|>", "<|start_header_id|>", "<|end_header_id|>",
            "<|eom_id|>", "<|eot_id|>", "<|python_tag|>", "<|image|>", .. Reserved("", 2, 244),
        ],
        ["<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"]);

    /// <summary>As in <see href="https://github.com/meta-llama/llama-models/blob/main/models/llama4/tokenizer.py"/>.</summary>
    public static readonly SpecialTokens Llama4 = new(
        [
            "<|begin_of_text|>", "<|end_of_text|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
            "<|header_start|>", "<|header_end|>", "<|eom|>", "<|eot|>", "<|step|>", .. Reserved("text_post_train_", 0, 6),
            "<|python_start|>", "<|python_end|>", "<|finetune_right_pad|>", .. Reserved("text_post_train_", 8, 61),
            "<|image_start|>", "<|image_end|>", .. Reserved("vision_", 0, 2),
            "<|tile_x_separator|>", "<|tile_y_separator|>", .. Reserved("vision_", 2, 4),
            "<|image|>", .. Reserved("vision_", 6, 1), "<|patch|>", .. Reserved("vision_", 7, 1_041),
            .. Reserved("reasoning_", 0, 8), "<|reasoning_thinking_start|>", "<|reasoning_thinking_end|>", .. Reserved("", 0, 904),
        ],
        ["<|end_of_text|>", "<|eom|>", "<|eot|>"]);

    /// <summary>The token that begins a text.</summary>
    public string Begin => Names[0];

    /// <summary>Whether a special token of that name ends an answer, in any generation.</summary>
    public static bool IsEnd(string name) => Llama3.Ends.Contains(name) || Llama4.Ends.Contains(name);

    private static IEnumerable<string> Reserved(string group, int first, int count) =>
        Enumerable.Range(first, count).Select(n => $"<|{group}reserved_special_token_{n}|>");
}
