namespace Cria.Tokenizers;

/// <summary>Writes a vocabulary as a SentencePiece model. The numbers of the fields are explained in <see cref="SentencePieceModel"/>.</summary>
/// <remarks>Tokens that were added behind the last piece of text are left out: a folder names them in <c>tokenizer_config.json</c>.</remarks>
internal static class SentencePieceWriter
{
    private const int Bpe = 2;

    public static byte[] Write(TokenizerVocabulary vocabulary)
    {
        int count = TokenizerFolder.CountOfPieces(vocabulary);
        var model = new ProtobufWriter();
        for (int id = 0; id < count; id++)
            WritePiece(model, vocabulary, id);
        model.Message(2, trainer => WriteTrainer(trainer, vocabulary, count));
        model.Message(3, normalizer =>
        {
            normalizer.Text(1, "identity");
            normalizer.Bool(3, vocabulary.AddSpacePrefix);
            normalizer.Bool(4, vocabulary.RemoveExtraSpaces);
            normalizer.Bool(5, true);
        });
        return model.Written.ToArray();
    }

    private static void WritePiece(ProtobufWriter model, TokenizerVocabulary vocabulary, int id) => model.Message(1, piece =>
    {
        piece.Text(1, vocabulary.Pieces[id]);
        piece.Float(2, vocabulary.Scores![id]);
        if (vocabulary.Kinds![id] != TokenKind.Normal)
            piece.Int(3, (int)vocabulary.Kinds[id]);
    });

    // -1 stands for a token that the vocabulary has not.
    private static void WriteTrainer(ProtobufWriter trainer, TokenizerVocabulary vocabulary, int count)
    {
        trainer.Int(3, Bpe);
        trainer.Int(4, count);
        trainer.Bool(25, true);     // digits by themselves, as in the vocabulary of Llama 2
        trainer.Bool(35, vocabulary.Kinds!.Contains(TokenKind.Byte));
        int? end = vocabulary.EndOfText.Count > 0 ? vocabulary.EndOfText[0] : null;
        foreach (var (idField, nameField, id) in new[] { (40, 45, TokenizerFolder.UnknownOf(vocabulary)), (41, 46, vocabulary.BeginOfText), (42, 47, end) })
        {
            trainer.Int(idField, id is { } known && known < count ? known : -1);
            if (id is { } named && named < count)
                trainer.Text(nameField, vocabulary.Pieces[named]);
        }
        trainer.Int(43, -1);
    }
}
