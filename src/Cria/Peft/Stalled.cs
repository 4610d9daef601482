using Cria.Models;

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
            if (IsZero(parameter) && IsZero(adapter.Trained.First(candidate => candidate.Name == otherName)))
                return Message(parameter.Name, otherName);
        }
        return null;
    }

    /// <summary>Why training cannot move a tensor that all of some gates weigh, or null.</summary>
    public static string? Behind(Adapter adapter, string first, string gates)
    {
        var all = adapter.Trained.Where(parameter => parameter.Name.EndsWith(gates, StringComparison.Ordinal)).ToList();
        return adapter.Trained.FirstOrDefault(parameter => parameter.Name == first) is { } shared && IsZero(shared) && all.TrueForAll(IsZero) ? Message(first, all[0].Name) : null;
    }

    private static bool IsZero(Parameter parameter) => !parameter.Value.ToArray().ContainsAnyExcept(0f);

    private static string Message(string first, string second) =>
        $"{first} and {second} are both all zeros: the gradient of each is proportional to the other, so neither would ever move. "
        + "Start from a fresh adapter, or from a file whose prompts are not zero.";
}
