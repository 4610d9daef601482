namespace Cria.Data;

/// <summary><c>{"input_ids": […], "labels": […]}</c>: tokens as they are. Labels stand at the token they repeat; −100 is not supervised.</summary>
/// <remarks>The form of Hugging Face's trainers. Without labels all tokens are supervised.</remarks>
internal sealed class TokensRecords : RecordFormat
{
    public override string Name => "tokens";

    public override string Keys => "input_ids, labels";

    public override IReadOnlyList<string> Fields { get; } = ["input_ids", "labels"];

    public override bool IsText => false;

    public override bool Matches(DataRecord record) => record.Has("input_ids");

    public override RecordContent Read(DataRecord record)
    {
        int last = record.LastToken;
        int[] tokens = record.Numbers("input_ids", id => id >= 0 && id <= last, $"token ids from 0 to {last}");
        if (!record.Has("labels"))
            return new TokensContent(tokens, tokens);
        int[] labels = record.Numbers("labels", id => (id >= 0 && id <= last) || id == Example.Unsupervised, $"token ids from 0 to {last}, or -100");
        return labels.Length == tokens.Length
            ? new TokensContent(tokens, labels)
            : throw record.Bad(DataFault.WrongKind, $"there are {tokens.Length} input_ids and {labels.Length} labels; each token needs one label.");
    }
}
