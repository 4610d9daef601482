using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

/// <summary>The tokenizers of Llama 2 and 3, read once for all tests: they are never changed by use.</summary>
internal static class Known
{
    private static readonly Lazy<Tokenizer> SentencePiece = new(() => Tokenizer.Load(TestData.Path("tokenizers/llama2/tokenizer.model")));
    private static readonly Lazy<Tokenizer> ByteLevel = new(() => Tokenizer.Load(TestData.Path("tokenizers/llama3/tokenizer.model")));

    public static Tokenizer Llama2 => SentencePiece.Value;

    public static Tokenizer Llama3 => ByteLevel.Value;
}
