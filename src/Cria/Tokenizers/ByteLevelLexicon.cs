namespace Cria.Tokenizers;

/// <summary>What encoding looks up in a byte-level vocabulary: the token of a whole word, the tokens of single bytes, the merges.</summary>
internal sealed class ByteLevelLexicon
{
    /// <summary>No token is longer (Llama 3: 128 bytes). Every way to cut a token in two is a merge, so a long one would cost its square.</summary>
    internal const int LongestToken = 256;

    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> byBytes;
    private readonly int[] byteIds = new int[256];

    private ByteLevelLexicon(string file, Dictionary<byte[], int> ids, MergeTable merges, bool ignoresMerges)
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
        var merges = new MergeTable(3 * ids.Count);
        var byBytes = ids.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var (token, id) in ids)
            for (int cut = 1; cut < token.Length; cut++)
                if (byBytes.TryGetValue(token.AsSpan(0, cut), out int left) && byBytes.TryGetValue(token.AsSpan(cut), out int right))
                    merges.Add(left, right, id, id);
        return new(file, ids, merges, ignoresMerges: true);
    }

    /// <summary>A vocabulary with a list of merges, first the one that is done first.</summary>
    public static ByteLevelLexicon OfMerges(string file, Dictionary<byte[], int> ids, IEnumerable<(int Left, int Right, int Token)> merges,
        bool ignoresMerges)
    {
        return new(file, ids, MergeTable.InOrder(merges, ids.Count), ignoresMerges);
    }

    public bool TryGetToken(ReadOnlySpan<byte> word, out int id) => byBytes.TryGetValue(word, out id);

    public int IdOfByte(byte b) => byteIds[b];
}
