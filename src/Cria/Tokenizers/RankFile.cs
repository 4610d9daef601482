using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Cria.Tokenizers;

/// <summary>Reads a rank file, the <c>tokenizer.model</c> of Llama 3 and 4: a line for each token, its bytes in base64, a space, its rank.</summary>
/// <remarks>The rank is the id. The special tokens are not in the file; they get the ids after the last rank, whatever the number of ranks.</remarks>
internal static class RankFile
{
    public static Tokenizer Read(string file, ReadOnlySpan<byte> content, TokenizerSettings settings)
    {
        var ids = Ranks(file, content);
        bool llama4 = ids.Keys.Any(HoldsContraction);
        var (splitter, specials) = llama4 ? ("llama4", SpecialTokens.Llama4) : ("llama-bpe", SpecialTokens.Llama3);

        var bytes = new byte[ids.Count + specials.Names.Length][];
        foreach (var (token, id) in ids)
            bytes[id] = token;
        var kinds = new TokenKind[bytes.Length];
        kinds.AsSpan(0, ids.Count).Fill(TokenKind.Normal);
        kinds.AsSpan(ids.Count).Fill(TokenKind.Control);
        for (int i = 0; i < specials.Names.Length; i++)
            bytes[ids.Count + i] = Encoding.UTF8.GetBytes(specials.Names[i]);

        int IdOf(string name) => ids.Count + Array.IndexOf(specials.Names, name);
        var vocabulary = new Vocabulary(file, bytes, id => specials.Names[id - ids.Count], kinds, IdOf(specials.Begin), settings.Ends.Intersect(specials.Names).Concat(specials.Ends).Select(IdOf));
        return new ByteLevelTokenizer(vocabulary, ByteLevelLexicon.OfRanks(file, ids), Splitter.Parse(splitter)!);
    }

    // "don't" is two words to Llama 3 and one to Llama 4, so only a vocabulary of Llama 4 has a token that goes across the apostrophe.
    private static bool HoldsContraction(byte[] token)
    {
        int at = token.AsSpan().IndexOf((byte)'\'');
        return at > 0 && at + 1 < token.Length && char.IsAsciiLetter((char)token[at - 1]) && char.IsAsciiLetter((char)token[at + 1]);
    }

    /// <summary>Whether bytes begin like a rank file: base64, a space, a number, the end of the line.</summary>
    public static bool Looks(ReadOnlySpan<byte> content)
    {
        int end = content[..Math.Min(content.Length, 1024)].IndexOf((byte)'\n');
        return TryParse(end < 0 ? content : content[..end], new byte[1024], out _, out _);
    }

    private static Dictionary<byte[], int> Ranks(string file, ReadOnlySpan<byte> content)
    {
        int lines = Math.Min(content.Count((byte)'\n') + 1, TokenizerFile.LargestVocabulary);
        var ids = new Dictionary<byte[], int>(lines, new BytesComparer());
        byte[] buffer = new byte[ByteLevelLexicon.LongestToken];
        int number = 0, most = -1;
        foreach (var range in content.Split((byte)'\n'))
        {
            number++;
            var line = content[range];
            if (line.TrimEnd((byte)'\r').IsEmpty)
                continue;
            if (!TryParse(line, buffer, out int length, out int rank))
                throw Damaged(file, number, $"base64 of 1 to {buffer.Length} bytes, a space, a rank", Shown(line));
            if (!ids.TryAdd(buffer[..length], rank))
                throw Damaged(file, number, "a token that no line before has", Shown(line));
            if (ids.Count > TokenizerFile.LargestVocabulary)
                throw Damaged(file, number, $"at most {TokenizerFile.LargestVocabulary} tokens", "one more");
            most = Math.Max(most, rank);
        }
        ExpectEveryRank(file, ids, most);
        return ids;
    }

    private static void ExpectEveryRank(string file, Dictionary<byte[], int> ids, int most)
    {
        if (most != ids.Count - 1)
            throw TokenizerException.Damaged(file, "its ranks", $"the ranks 0 to {ids.Count - 1}, since it has {ids.Count} tokens", $"a rank of {most}");
        bool[] seen = new bool[ids.Count];
        foreach (int rank in ids.Values)
            if (seen[rank])
                throw TokenizerException.Damaged(file, "its ranks", "each rank once", $"two tokens of rank {rank}");
            else
                seen[rank] = true;
    }

    private static bool TryParse(ReadOnlySpan<byte> line, Span<byte> buffer, out int length, out int rank)
    {
        (length, rank) = (0, 0);
        line = line.TrimEnd((byte)'\r');
        int space = line.IndexOf((byte)' ');
        return space > 0
            && Base64.DecodeFromUtf8(line[..space], buffer, out _, out length) == OperationStatus.Done
            && length > 0
            && Utf8Parser.TryParse(line[(space + 1)..], out rank, out int used)
            && rank >= 0 && used == line.Length - space - 1;
    }

    private static TokenizerException Damaged(string file, int line, string expected, string found) =>
        TokenizerException.Damaged(file, $"line {line}", expected, found);

    private static string Shown(ReadOnlySpan<byte> line) =>
        $"'{Encoding.Latin1.GetString(line[..Math.Min(line.Length, 60)]).ReplaceLineEndings(" ")}'";
}
