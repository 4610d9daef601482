namespace Cria.Tokenizers;

/// <summary>What a token of a vocabulary is. The numbers are those of SentencePiece's model file and of GGUF's <c>tokenizer.ggml.token_type</c>.</summary>
public enum TokenKind
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>Stands for a character that the vocabulary cannot express.</summary>
    Unknown = 2,

    /// <summary>A mark such as <c>&lt;s&gt;</c> that no text can spell.</summary>
    Control = 3,

    /// <summary>A piece that was added to the vocabulary by name. Text cannot spell it either: see <see cref="Tokenizer"/>.</summary>
    UserDefined = 4,

    /// <summary>A place in the vocabulary that nothing uses.</summary>
    Unused = 5,

    /// <summary>One byte, written <c>&lt;0x0A&gt;</c>, for characters that are no piece of their own.</summary>
    Byte = 6,
}
