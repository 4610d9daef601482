using System.Globalization;
using Cria.Generation;

namespace Cria.Cli.Chat;

/// <summary>The sampling settings of a conversation, as <c>/set</c> shows and changes them. This list is the catalogue.</summary>
internal static class ChatSettings
{
    private static readonly (string Name, Func<SamplingOptions, string> Show, Func<SamplingOptions, string, bool> Set)[] All =
    [
        ("max-tokens", options => $"{options.MaxTokens}", (options, text) => Read<int>(text, value => options.MaxTokens = value)),
        ("temp", options => Text(options.Temperature), (options, text) => Read<float>(text, value => options.Temperature = value)),
        ("top-k", options => $"{options.TopK}", (options, text) => Read<int>(text, value => options.TopK = value)),
        ("top-p", options => Text(options.TopP), (options, text) => Read<float>(text, value => options.TopP = value)),
        ("min-p", options => Text(options.MinP), (options, text) => Read<float>(text, value => options.MinP = value)),
        ("repeat-penalty", options => Text(options.RepeatPenalty), (options, text) => Read<float>(text, value => options.RepeatPenalty = value)),
        ("seed", options => $"{options.Seed}", (options, text) => Read<ulong>(text, value => options.Seed = value)),
        ("stop", options => string.Join(", ", options.Stop), (options, text) => (options.Stop = text.Length > 0 ? [text] : []) is not null),
    ];

    public static string Show(SamplingOptions options) => string.Join(Environment.NewLine, All.Select(one => $"{one.Name} {one.Show(options)}"));

    /// <summary>Changes one setting; returns the options with it.</summary>
    /// <exception cref="UsageException">There is no such setting, or it does not take the value.</exception>
    public static SamplingOptions Set(SamplingOptions options, string name, string value)
    {
        var problems = new Problems();
        problems.UnlessOneOf("/set", name, [.. All.Select(one => one.Name)]);
        var changed = options with { };
        if (problems.None && !All.First(one => one.Name == name).Set(changed, value))
            problems.Add($"{name}: must be a number, got '{value}'.");
        if (problems.None)
            changed.Validate(problems);
        return problems.None ? changed : throw new UsageException(string.Join(Environment.NewLine, problems.Found));
    }

    private static bool Read<T>(string text, Action<T> set)
        where T : IParsable<T>
    {
        if (!T.TryParse(text, CultureInfo.InvariantCulture, out var value))
            return false;
        set(value);
        return true;
    }

    private static string Text(float value) => value.ToString(CultureInfo.InvariantCulture);
}
