namespace Cria.Tokenizers;

/// <summary>Stands where a model's own template cannot be read: a built-in one that writes the same marks, or none; then whoever needs it learns why, and whoever does not goes on.</summary>
internal sealed class StandInTemplate(ChatTemplate? known, ChatTemplateException reason) : ChatTemplate
{
    public override string Name => known?.Name ?? Own;

    public override string? Warning => known is null ? null : $"{reason.Message} The built-in template {known.Name} is used instead.";

    private protected override void Write(ChatWriter writer, ChatConversation conversation)
    {
        if (known is null)
            throw reason;
        known.WriteFor(writer, conversation);
    }
}
