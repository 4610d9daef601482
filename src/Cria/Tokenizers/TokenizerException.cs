namespace Cria.Tokenizers;

/// <summary>A tokenizer file or vocabulary that cannot be used. The message names the file, the place in it, what was expected and what was found.</summary>
public sealed class TokenizerException : Exception
{
    private TokenizerException(string message) : base(message)
    {
    }

    internal static TokenizerException Damaged(string file, string where, string expected, string found) => new(
        $"""
        {file}: the tokenizer is damaged at {where}.
          expected {expected}
          found    {found}
        """);

    internal static TokenizerException Unreadable(string file, string found, string fix) => new(
        $"""
        {file}: this is no tokenizer that Cria reads.
          expected a SentencePiece BPE model (LLaMA 1, Llama 2) or a rank file (Llama 3), usually named tokenizer.model
          found    {found}
          fix      {fix}
        """);

    internal static TokenizerException Absent(string path, string found, string fix) => new(
        $"""
        {path}: no tokenizer here.
          expected tokenizer.model, a SentencePiece BPE model (LLaMA 1, Llama 2) or a rank file (Llama 3)
          found    {found}
          fix      {fix}
        """);
}
