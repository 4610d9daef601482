namespace Cria.Tokenizers;

/// <summary>A conversation that a template cannot render, or a template that does not fit the vocabulary.</summary>
public sealed class ChatTemplateException : Exception
{
    private ChatTemplateException(string message)
        : base(message)
    {
    }

    internal static ChatTemplateException NoMessages() => new("a conversation needs a message.");

    internal static ChatTemplateException Order(string template, int message, ChatRole expected, ChatRole found) =>
        new($"message {message} is by the {Name(found)}, where the template {template} expects the {Name(expected)}: "
            + "after an optional system message, user and assistant take turns.");

    internal static ChatTemplateException Tag(string template, string tag) =>
        new($"a message holds '{tag}', which the template {template} uses to tell messages apart.");

    internal static ChatTemplateException Special(string template, string token) =>
        new($"the vocabulary has no token '{token}', which the template {template} needs: choose another template.");

    internal static ChatTemplateException Ended() => new("the conversation ends with an answer: nothing is left to generate.");

    private static string Name(ChatRole role) => role.ToString().ToLowerInvariant();
}
