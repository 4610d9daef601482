namespace Cria;

/// <summary>Collects everything that is wrong with some settings, so that a user mends them in one go.</summary>
public sealed class Problems
{
    private readonly List<string> found = [];

    /// <summary>Whether nothing is wrong so far.</summary>
    public bool None => found.Count == 0;

    /// <summary>Every problem, in the order of adding.</summary>
    public IReadOnlyList<string> Found => found;

    /// <summary>Adds a problem. It starts with the setting as the user typed it: <c>steps: must be 1 or more, got 0.</c></summary>
    public void Add(string problem) => found.Add(problem);

    /// <summary>Adds a problem unless a condition holds.</summary>
    public void Unless(bool holds, string problem)
    {
        if (!holds)
            Add(problem);
    }

    /// <summary>Adds a problem unless the value is one of those known, and names the closest of them.</summary>
    public void UnlessOneOf(string setting, string value, IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        if (known.Contains(value))
            return;
        string meant = ClosestWord.To(value, known) is { } closest ? $" Did you mean '{closest}'?" : "";
        Add($"{setting}: '{value}' is not one of {string.Join(", ", known)}.{meant}");
    }

    /// <summary>Throws if there is any problem, with all of them in one message.</summary>
    /// <exception cref="OptionsException">There is a problem.</exception>
    public void ThrowIfAny()
    {
        if (!None)
            throw new OptionsException(found);
    }
}
