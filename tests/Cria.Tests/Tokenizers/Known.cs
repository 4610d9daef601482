using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

/// <summary>The tokenizers of Llama 2, 3 and 4, read once for all tests: they are never changed by use.</summary>
internal static class Known
{
    private static readonly Lazy<Tokenizer> SentencePiece = new(() => Tokenizer.Load(TestData.Path("tokenizers/llama2/tokenizer.model")));
    private static readonly Lazy<Tokenizer> ByteLevel = new(() => Tokenizer.Load(TestData.Path("tokenizers/llama3/tokenizer.model")));

    private static readonly Lazy<Tokenizer> ByteLevel4 = new(() => Tokenizer.Load(TestData.Path("tokenizers/llama4/tokenizer.model")));

    public static Tokenizer Llama2 => SentencePiece.Value;

    public static Tokenizer Llama3 => ByteLevel.Value;

    public static Tokenizer Llama4 => ByteLevel4.Value;

    /// <summary>By number, for tests of all.</summary>
    public static Tokenizer Llama(int generation) => generation switch
    {
        2 => Llama2,
        3 => Llama3,
        _ => Llama4,
    };
}
