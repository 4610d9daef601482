namespace Cria.Conversion;

/// <summary>A page of English that ships inside, to compare two models on: the opening of Lewis Carroll's Alice's Adventures in Wonderland, 1865.</summary>
internal static class SampleText
{
    public static string Read()
    {
        using var resource = typeof(SampleText).Assembly.GetManifestResourceStream("text/alice.txt")!;
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
