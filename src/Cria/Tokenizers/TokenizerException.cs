namespace Cria.Tokenizers;

/// <summary>A tokenizer file or vocabulary that cannot be used. The message names the file, the place in it, what was expected and what was found.</summary>
public sealed class TokenizerException : Exception
{
    // What was found may be a text out of the file.
    private const int Longest = 300;

    private TokenizerException(string message) : base(message)
    {
    }

    internal static TokenizerException Damaged(string file, string where, string expected, string found) => new(
        $"""
        {file}: the tokenizer is damaged at {where}.
          expected {expected}
          found    {Excerpt.Of(found, Longest)}
        """);

    internal static TokenizerException NotJson(string file, string where, string found) => new(
        $"""
        {file}: is damaged at {where}.
          expected JSON
          found    {Excerpt.Of(found, Longest)}
          fix      take the file from the model's release again
        """);

    internal static TokenizerException Unreadable(string file, string found, string fix) => new(
        $"""
        {file}: this is no tokenizer that Cria reads.
          expected tokenizer.json, or a SentencePiece BPE model (LLaMA 1, Llama 2) or a rank file (Llama 3, Llama 4), usually named tokenizer.model
          found    {Excerpt.Of(found, Longest)}
          fix      {fix}
        """);

    internal static TokenizerException CannotWrite(string file, string what) => new(
        $"{file}: tokenizer.json cannot express this vocabulary, since it has {what}. Keep the model in the form in which it came.");

    internal static TokenizerException Absent(string path, string found, string fix) => new(
        $"""
        {path}: no tokenizer here.
          expected tokenizer.json, or tokenizer.model: a SentencePiece BPE model (LLaMA 1, Llama 2) or a rank file (Llama 3, Llama 4)
          found    {Excerpt.Of(found, Longest)}
          fix      {fix}
        """);
}
