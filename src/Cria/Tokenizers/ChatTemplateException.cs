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

    internal static ChatTemplateException NoTools(string template) =>
        new($"the template {template} has no place for tools and calls of tools: choose llama3.1, llama3.2, llama3.3 or llama4.");

    internal static ChatTemplateException NoQuestion(string template) =>
        new($"the template {template} puts the tools before the first question, and there is none: set tools_in_user_message to false.");

    internal static ChatTemplateException OneCall(string template, int message, int found) =>
        new($"message {message} calls {found} tools at once; the template {template} knows one call in a message.");

    internal static ChatTemplateException Variable(string name, string expected, string found) =>
        new($"the variable {name} must be {expected}, found {found}.");

    internal static ChatTemplateException Jinja(string source, string reason) => new($"{source}: {reason}");

    private static string Name(ChatRole role) => role.ToString().ToLowerInvariant();
}
