namespace Cria.Tokenizers;

/// <summary>Reads a SentencePiece model, the <c>tokenizer.model</c> of LLaMA 1, Llama 2 and Code Llama.</summary>
/// <remarks>
/// A protobuf message, <see href="https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto"/>: 1 pieces (1 text,
/// 2 score, 3 kind), 2 how it was trained, 3 how text is normalised before. Fields that do not change the ids are skipped.
/// </remarks>
internal sealed class SentencePieceModel
{
    private const int Unigram = 1, Bpe = 2;

    private readonly string file;
    private readonly List<string> pieces = [];
    private readonly List<float> scores = [];
    private readonly List<TokenKind> kinds = [];
    private int model = Unigram;                        // these are the defaults of the format
    private string begin = "<s>", end = "</s>";
    private bool spaceAtEnd, escapesSpaces = true, addsSpace = true, removesExtraSpaces = true;
    private bool mapsCharacters;
    private string normalizer = "";

    private SentencePieceModel(string file, ReadOnlySpan<byte> content)
    {
        this.file = file;
        var reader = new ProtobufReader(file, content);
        while (reader.Read())
            switch (reader.Field)
            {
                case 1: ReadPiece(reader.Message()); break;
                case 2: ReadTrainer(reader.Message()); break;
                case 3: ReadNormalizer(reader.Message()); break;
            }
    }

    public static TokenizerVocabulary Read(string file, ReadOnlySpan<byte> content) => new SentencePieceModel(file, content).Checked();

    private TokenizerVocabulary Checked()
    {
        const string fix = "use the tokenizer.model of a LLaMA model.";
        if (pieces.Count == 0)
            throw TokenizerException.Unreadable(file, "a SentencePiece model without pieces", fix);
        if (model != Bpe)
            throw TokenizerException.Unreadable(file, $"a SentencePiece model of type {model} ({(model == Unigram ? "unigram" : "not BPE")})", fix);
        if (mapsCharacters)
            throw TokenizerException.Unreadable(file, $"a SentencePiece model that rewrites characters (normalizer '{normalizer}')", fix);
        if (spaceAtEnd || !escapesSpaces)
            throw TokenizerException.Unreadable(file, "a SentencePiece model that keeps spaces at the end of words, or unescaped", fix);
        return new()
        {
            Name = file,
            Model = "llama",
            Pieces = pieces,
            Scores = scores,
            Kinds = kinds,
            BeginOfText = Control(begin),
            EndOfText = Control(end) is { } id ? [id] : [],
            AddSpacePrefix = addsSpace,
            RemoveExtraSpaces = removesExtraSpaces,
        };
    }

    // The ids in the trainer's settings may be stale; the name of a control piece is what SentencePiece itself goes by.
    private int? Control(string name)
    {
        int id = pieces.IndexOf(name);
        return id >= 0 && kinds[id] == TokenKind.Control ? id : null;
    }

    private void ReadPiece(ProtobufReader reader)
    {
        var (piece, score, kind) = ("", 0f, TokenKind.Normal);
        while (reader.Read())
            switch (reader.Field)
            {
                case 1: piece = reader.Text(); break;
                case 2: score = reader.Float(); break;
                case 3: kind = (TokenKind)reader.Int(); break;
            }
        if (piece.Length == 0 || pieces.Count == TokenizerFile.LargestVocabulary)
            throw TokenizerException.Damaged(file, $"piece {pieces.Count}", $"some text, in at most {TokenizerFile.LargestVocabulary} pieces",
                piece.Length == 0 ? "an empty piece" : "one more");
        pieces.Add(piece);
        scores.Add(score);
        kinds.Add(kind);
    }

    private void ReadTrainer(ProtobufReader reader)
    {
        while (reader.Read())
            switch (reader.Field)
            {
                case 3: model = reader.Int(); break;
                case 24: spaceAtEnd = reader.Bool(); break;
                case 46: begin = reader.Text(); break;
                case 47: end = reader.Text(); break;
            }
    }

    private void ReadNormalizer(ProtobufReader reader)
    {
        while (reader.Read())
            switch (reader.Field)
            {
                case 1: normalizer = reader.Text(); break;
                case 2: mapsCharacters = !reader.Bytes().IsEmpty; break;
                case 3: addsSpace = reader.Bool(); break;
                case 4: removesExtraSpaces = reader.Bool(); break;
                case 5: escapesSpaces = reader.Bool(); break;
            }
    }
}
