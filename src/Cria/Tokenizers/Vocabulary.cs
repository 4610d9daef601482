namespace Cria.Tokenizers;

/// <summary>The tokens by id: the bytes each stands for, its kind, and the names of the special ones.</summary>
internal sealed class Vocabulary
{
    private readonly byte[][] bytes;
    private readonly TokenKind[] kinds;
    private readonly Dictionary<string, int> specials = [];

    /// <param name="file">Where it came from, for messages.</param>
    /// <param name="bytes">What each token adds to a text; for a special token, its name.</param>
    /// <param name="name">The name of a special token.</param>
    /// <param name="kinds">What each token is.</param>
    /// <param name="begin">The id that starts a text.</param>
    /// <param name="end">The ids that end an answer.</param>
    public Vocabulary(string file, byte[][] bytes, Func<int, string> name, TokenKind[] kinds, int? begin, IEnumerable<int> end)
    {
        (File, this.bytes, this.kinds) = (file, bytes, kinds);
        BeginOfText = begin is < 0 ? null : begin;
        EndOfText = [.. end.Where(id => id >= 0).Distinct()];
        foreach (int id in BeginOfText is { } first ? EndOfText.Prepend(first) : EndOfText)
            Protect(file, id);
        for (int id = 0; id < kinds.Length; id++)
            if (kinds[id] is TokenKind.Control or TokenKind.Unknown or TokenKind.UserDefined)
                specials.TryAdd(name(id), id);
    }

    /// <summary>Where it came from, for messages.</summary>
    public string File { get; }

    public int Count => bytes.Length;

    public int? BeginOfText { get; }

    public IReadOnlyList<int> EndOfText { get; }

    public IReadOnlyList<TokenKind> Kinds => kinds;

    public byte[] Bytes(int id) => bytes[Checked(id)];

    public TokenKind Kind(int id) => kinds[Checked(id)];

    /// <summary>Finds the names of special tokens in a text.</summary>
    public SpecialFinder SpecialFinder => field ??= new SpecialFinder(specials);

    public bool TryGetSpecial(string name, out int id) => specials.TryGetValue(name, out id);

    // Some files call <s> and </s> normal text. Whatever they say, no text may spell them.
    private void Protect(string file, int id)
    {
        if ((uint)id >= (uint)kinds.Length)
            throw TokenizerException.Damaged(file, "its begin and end tokens", $"ids below {kinds.Length}, the size of the vocabulary", $"{id}");
        if (kinds[id] is TokenKind.Normal)
            kinds[id] = TokenKind.Control;
    }

    private int Checked(int id) => (uint)id < (uint)bytes.Length
        ? id
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"This vocabulary has the token ids 0 to {bytes.Length - 1}.");
}
