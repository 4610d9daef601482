using Cria.Tokenizers;

namespace Cria.Tests;

/// <summary>A tokenizer for models that were made without one: every id is a word of its own, and none ends a text.</summary>
internal static class NoText
{
    public static Tokenizer Tokenizer(int vocabularySize) => Cria.Tokenizers.Tokenizer.FromVocabulary(new TokenizerVocabulary
    {
        Name = "no text",
        Model = "llama",
        Pieces = [.. Enumerable.Range(0, vocabularySize).Select(id => id < 256 ? $"<0x{id:X2}>" : $"w{id}")],
        Scores = new float[vocabularySize],
    });
}
