namespace Cria.Tokenizers;

/// <summary>A vocabulary as plain lists, whatever file it was read from: the input of <see cref="Tokenizer.FromVocabulary"/>.</summary>
public sealed record TokenizerVocabulary
{
    /// <summary>The file or folder as the user knows it: messages start with it.</summary>
    public required string Name { get; set; }

    /// <summary><c>llama</c>: SentencePiece BPE. <c>gpt2</c>: byte-level BPE. GGUF: <c>tokenizer.ggml.model</c>.</summary>
    public required string Model { get; set; }

    /// <summary>How byte-level BPE splits text first: <c>llama-bpe</c> for Llama 3, <c>llama4</c>, <c>gpt-2</c>. GGUF: <c>tokenizer.ggml.pre</c>.</summary>
    public string? Splitter { get; set; }

    /// <summary>The tokens by id. SentencePiece writes a space as U+2581; byte-level BPE writes each byte as one printable character.</summary>
    public required IReadOnlyList<string> Pieces { get; set; }

    /// <summary>SentencePiece only: one score for each piece; the highest is merged first.</summary>
    public IReadOnlyList<float>? Scores { get; set; }

    /// <summary>One kind for each piece. Absent: the begin and end tokens are control tokens, <c>&lt;0x0A&gt;</c> and its like are bytes, the rest is text.</summary>
    public IReadOnlyList<TokenKind>? Kinds { get; set; }

    /// <summary>
    /// The merges, first the one that is done first, each <c>left right</c>. Byte-level BPE has them; SentencePiece has scores instead, and merges only where
    /// a <c>tokenizer.json</c> holds some that no scores amount to: those then count.
    /// </summary>
    public IReadOnlyList<string>? Merges { get; set; }

    /// <summary>Byte-level BPE only: a word that is a token is taken whole, whatever the merges make of it. Null: as the family of the splitter does, which is yes for LLaMA.</summary>
    public bool? IgnoreMerges { get; set; }

    /// <summary>The id that starts every text; null or below zero: there is none.</summary>
    public int? BeginOfText { get; set; }

    /// <summary>The ids that end an answer; one below zero counts as absent.</summary>
    public IReadOnlyList<int> EndOfText { get; set; } = [];

    /// <summary>SentencePiece only: put one space before the text, so that a word reads the same at its start and inside. GGUF: <c>tokenizer.ggml.add_space_prefix</c>.</summary>
    public bool AddSpacePrefix { get; set; } = true;

    /// <summary>SentencePiece only: drop spaces at both ends and keep one of several. No LLaMA of Meta does this.</summary>
    public bool RemoveExtraSpaces { get; set; }
}
