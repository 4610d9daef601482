using System.Buffers;
using System.Text;

namespace Cria.Tokenizers;

/// <summary>Text to token ids and back. Reading is thread-safe: one tokenizer serves any number of threads.</summary>
/// <remarks>
/// Text never becomes a special token: <c>Encode("&lt;s&gt;")</c> gives the ids of three characters of text. Only a caller that
/// asks by name, with <see cref="TryGetSpecial"/>, gets the id of one. This holds for control tokens and, stricter than
/// SentencePiece, for user-defined ones: fine-tuned models keep the marks of their chat format there.
/// </remarks>
public abstract class Tokenizer
{
    private readonly Vocabulary vocabulary;

    private protected Tokenizer(Vocabulary vocabulary) => this.vocabulary = vocabulary;

    /// <summary>The tokens by id.</summary>
    private protected Vocabulary Vocabulary => vocabulary;

    /// <summary>How many token ids there are: 0 to this less one.</summary>
    public int VocabularySize => vocabulary.Count;

    /// <summary>The id that starts every text, or null where the vocabulary has none.</summary>
    public int? BeginOfText => vocabulary.BeginOfText;

    /// <summary>The ids at which generation stops.</summary>
    public IReadOnlyList<int> EndOfText => vocabulary.EndOfText;

    /// <summary>Whether <see cref="Decode"/> drops the first space, since encoding put it there.</summary>
    internal virtual bool PutsSpaceFirst => false;

    /// <summary>
    /// Reads <c>tokenizer.json</c> or <c>tokenizer.model</c>, which is a SentencePiece model or a rank file of Llama 3 or 4. Files are told apart by content.
    /// </summary>
    /// <param name="fileOrFolder">
    /// The file; or the folder of a model, where <c>tokenizer.json</c> is read before <c>tokenizer.model</c> and that before <c>original/tokenizer.model</c>, and
    /// <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and <c>generation_config.json</c> say which tokens begin and end a text.
    /// </param>
    /// <exception cref="TokenizerException">There is no such file, or it is damaged, or it is something else.</exception>
    public static Tokenizer Load(string fileOrFolder) => TokenizerFile.Load(fileOrFolder);

    /// <summary>The tokenizer of a vocabulary that was read from elsewhere, such as the one inside a GGUF file.</summary>
    /// <exception cref="TokenizerException">The lists do not fit together, or their kind is not known.</exception>
    public static Tokenizer FromVocabulary(TokenizerVocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return vocabulary.Model switch
        {
            "llama" => SentencePieceTokenizer.Create(vocabulary),
            "gpt2" => ByteLevelVocabulary.Read(vocabulary),
            var other => throw TokenizerException.Unreadable(vocabulary.Name, $"a vocabulary of the kind '{other}'",
                "use a LLaMA model: its vocabulary is of the kind 'llama' or 'gpt2'."),
        };
    }

    /// <summary>The vocabulary as plain lists, in the conventions of GGUF: what <see cref="FromVocabulary"/> makes the same tokenizer of.</summary>
    /// <remarks>A rank file has no list of merges: theirs are every way to cut a token into two others, in the order of the tokens.</remarks>
    public abstract TokenizerVocabulary ToVocabulary();

    /// <summary>
    /// The tokenizer without the ids from a number on: for a model that has fewer, since tokens were added to the vocabulary and not to the model.
    /// Null where some of them are text.
    /// </summary>
    internal Tokenizer? First(int count)
    {
        if (count >= VocabularySize)
            return this;
        if (vocabulary.Kinds.Skip(count).Any(kind => kind is TokenKind.Normal or TokenKind.Byte))
            return null;
        var lists = ToVocabulary();
        return FromVocabulary(lists with
        {
            Pieces = [.. lists.Pieces.Take(count)],
            Scores = lists.Scores?.Take(count).ToArray(),
            Kinds = [.. lists.Kinds!.Take(count)],
            BeginOfText = lists.BeginOfText < count ? lists.BeginOfText : null,
            EndOfText = [.. lists.EndOfText.Where(id => id < count)],
        });
    }

    /// <summary>The ids of a text, never a special one, after <see cref="BeginOfText"/> if that is asked for and exists.</summary>
    public int[] Encode(string text, bool addBegin = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>(4 + text.Length / 3);
        if (addBegin && BeginOfText is { } begin)
            ids.Add(begin);
        EncodeTo(text, ids);
        return [.. ids];
    }

    /// <summary>Appends the ids of a text to a list, never a special one.</summary>
    /// <param name="text">Any text. A lone surrogate counts as U+FFFD.</param>
    /// <param name="ids">Where the ids go.</param>
    /// <param name="continues">The text goes on from what stands in the list: SentencePiece then puts no space before it.</param>
    public abstract void EncodeTo(ReadOnlySpan<char> text, List<int> ids, bool continues = false);

    /// <summary>The id of a special token by its name, such as <c>&lt;|eot_id|&gt;</c>. Names come from templates, never from users.</summary>
    public bool TryGetSpecial(string piece, out int id) => vocabulary.TryGetSpecial(piece, out id);

    /// <summary>Finds the names of special tokens in a text. Only a template's own text may be searched.</summary>
    internal SpecialFinder SpecialFinder => vocabulary.SpecialFinder;

    /// <summary>The name of a special token.</summary>
    internal string SpecialName(int id) => Encoding.UTF8.GetString(Bytes(id));

    /// <summary>Whether an id marks something instead of standing for text: control tokens and the unknown token.</summary>
    public bool IsSpecial(int id) => vocabulary.Kind(id) is TokenKind.Control or TokenKind.Unknown;

    /// <summary>The token as people read it: its text, where bytes that are no text of their own read <c>&lt;0xE2&gt;</c>.</summary>
    public string Piece(int id)
    {
        var bytes = Bytes(id);
        var written = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out int used) == OperationStatus.Done)
                written.Append(rune.ToString());
            else
                foreach (byte b in bytes[..used])
                    written.Append($"<0x{b:X2}>");
            bytes = bytes[used..];
        }
        return written.ToString();
    }

    /// <summary>The bytes of UTF-8 that the token adds to a text; those of its name if it is special.</summary>
    public ReadOnlySpan<byte> Bytes(int id) => vocabulary.Bytes(id);

    /// <summary>The text of some ids. Bytes that are no UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Token ids of this vocabulary.</param>
    /// <param name="skipSpecial">Leave special tokens out; otherwise their names appear.</param>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var text = new ArrayBufferWriter<byte>(Math.Max(16, 4 * ids.Count));
        bool first = PutsSpaceFirst;
        for (int i = 0; i < ids.Count; i++)
            text.Write(BytesInText(ids[i], ref first, skipSpecial));
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>A decoder for ids that arrive one by one.</summary>
    /// <param name="continues">The ids go on from a text, so that a space before the first of them is part of the text.</param>
    /// <param name="skipSpecial">Leave special tokens out; otherwise their names appear.</param>
    public TokenStream CreateStream(bool continues = false, bool skipSpecial = true) => new(this, PutsSpaceFirst && !continues, skipSpecial);

    /// <summary>What a token adds to a text, given whether nothing stands there yet.</summary>
    internal ReadOnlySpan<byte> BytesInText(int id, ref bool first, bool skipSpecial)
    {
        if (IsSpecial(id))
            return skipSpecial ? [] : Bytes(id);
        var bytes = Bytes(id);
        if (first && !bytes.IsEmpty && bytes[0] == ' ' && vocabulary.Kind(id) is not TokenKind.Byte)
            bytes = bytes[1..];
        first = false;
        return bytes;
    }
}
