namespace Cria.Tokenizers;

/// <summary>What encoding looks up in a byte-level vocabulary: the token of a whole word, the tokens of single bytes, the merges.</summary>
internal sealed class ByteLevelLexicon
{
    /// <summary>No token is longer (Llama 3: 128 bytes). Every way to cut a token in two is a merge, so a long one would cost its square.</summary>
    internal const int LongestToken = 256;

    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> byBytes;
    private readonly int[] byteIds = new int[256];

    /// <param name="file">Where it came from, for messages.</param>
    /// <param name="ids">The tokens that text may become, by their bytes.</param>
    /// <param name="merges">Of those tokens.</param>
    /// <param name="ignoresMerges">See <see cref="IgnoresMerges"/>.</param>
    public ByteLevelLexicon(string file, Dictionary<byte[], int> ids, MergeTable merges, bool ignoresMerges)
    {
        (Merges, IgnoresMerges) = (merges, ignoresMerges);
        byBytes = ids.GetAlternateLookup<ReadOnlySpan<byte>>();
        for (int b = 0; b < 256; b++)
            if (!byBytes.TryGetValue([(byte)b], out byteIds[b]))
                throw TokenizerException.Damaged(file, "its list of tokens", "every single byte among them", $"no token for the byte 0x{b:X2}");
    }

    public MergeTable Merges { get; }

    /// <summary>Whether a word that is a token is taken whole.</summary>
    public bool IgnoresMerges { get; }

    /// <summary>A vocabulary whose ids are the ranks: any two neighbours merge whose joined bytes are a token.</summary>
    public static ByteLevelLexicon OfRanks(string file, Dictionary<byte[], int> ids)
    {
        var merges = new MergeTable(5 * ids.Count / 2);     // Llama 3 and 4: 2.2 and 2.3 for each token
        var byBytes = ids.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var (token, id) in ids)
            for (int cut = 1; cut < token.Length; cut++)
                if (byBytes.TryGetValue(token.AsSpan(0, cut), out int left) && byBytes.TryGetValue(token.AsSpan(cut), out int right))
                    merges.Add(left, right, id, id);
        return new(file, ids, merges, ignoresMerges: true);
    }

    public bool TryGetToken(ReadOnlySpan<byte> word, out int id) => byBytes.TryGetValue(word, out id);

    public int IdOfByte(byte b) => byteIds[b];
}
