namespace Cria;

/// <summary>Settings that cannot work. The message has one line for each problem; a line starts with the setting as the user typed it.</summary>
public sealed class OptionsException : Exception
{
    internal OptionsException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = [.. problems];

    /// <summary>Every problem, in the order in which the settings are documented.</summary>
    public IReadOnlyList<string> Problems { get; }
}
