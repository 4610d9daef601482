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
          found    {Short(found)}
        """);

    internal static TokenizerException NotJson(string file, string where, string found) => new(
        $"""
        {file}: is damaged at {where}.
          expected JSON
          found    {Short(found)}
          fix      take the file from the model's release again
        """);

    internal static TokenizerException Unreadable(string file, string found, string fix) => new(
        $"""
        {file}: this is no tokenizer that Cria reads.
          expected tokenizer.json, or a SentencePiece BPE model (LLaMA 1, Llama 2) or a rank file (Llama 3, Llama 4), usually named tokenizer.model
          found    {Short(found)}
          fix      {fix}
        """);

    internal static TokenizerException CannotWrite(string file, string what) => new(
        $"{file}: tokenizer.json cannot express this vocabulary, since it has {what}. Keep the model in the form in which it came.");

    internal static TokenizerException Absent(string path, string found, string fix) => new(
        $"""
        {path}: no tokenizer here.
          expected tokenizer.json, or tokenizer.model: a SentencePiece BPE model (LLaMA 1, Llama 2) or a rank file (Llama 3, Llama 4)
          found    {Short(found)}
          fix      {fix}
        """);

    // What was found may be a text out of the file, of any length.
    private static string Short(string found) => found.Length <= 300 ? found : found[..300] + "…";
}
