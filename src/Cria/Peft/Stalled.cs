namespace Cria.Peft;

/// <summary>Factors that are all zero together: the gradient of each is proportional to the other, so nothing would ever move.</summary>
internal static class Stalled
{
    /// <summary>Why training cannot move a layer's pair of tensors with these last names, or null.</summary>
    public static string? Together(Adapter adapter, string first, string second)
    {
        foreach (var parameter in adapter.Trained.Where(parameter => parameter.Name.EndsWith(first, StringComparison.Ordinal)))
        {
            string otherName = parameter.Name[..^first.Length] + second;
            var other = adapter.Trained.First(candidate => candidate.Name == otherName);
            if (!parameter.Value.Floats().ContainsAnyExcept(0f) && !other.Value.Floats().ContainsAnyExcept(0f))
                return $"{parameter.Name} and {otherName} are both all zeros: the gradient of each is proportional to the other, so neither would ever move. "
                    + "Start from a fresh adapter, or from a file whose prompts are not zero.";
        }
        return null;
    }
}
