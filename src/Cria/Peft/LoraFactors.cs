using System.Globalization;
using System.Text.RegularExpressions;
using Cria.Checkpoints;

namespace Cria.Peft;

/// <summary>The settings of a LoRA, from its factors: files other than peft's do not list them.</summary>
internal static class LoraFactors
{
    /// <summary>The settings that the tensors amount to.</summary>
    /// <param name="file">As messages name it.</param>
    /// <param name="tensors">Every tensor of the adapter, in peft's names.</param>
    /// <param name="alpha">α for a rank.</param>
    /// <exception cref="CheckpointException">A factor is missing, or two do not fit each other.</exception>
    public static LoraOptions Options(string file, IReadOnlyList<AdapterTensor> tensors, Func<int, float> alpha)
    {
        var ranks = new Dictionary<string, int>();
        foreach (var a in tensors.Where(tensor => tensor.Name.EndsWith(LoraNames.A, StringComparison.Ordinal)))
            ranks[LoraNames.PathOf(a.Name)] = Rank(file, a, tensors);
        foreach (var other in tensors.Where(tensor => !ranks.ContainsKey(LoraNames.PathOf(tensor.Name))))
            throw CheckpointException.FactorMissing(file, other.Stored.Name, "A");
        if (ranks.Count == 0)
            throw CheckpointException.NoAdapter(file);

        int common = ranks.Values.GroupBy(rank => rank).MaxBy(group => group.Count())!.Key;
        var options = new LoraOptions
        {
            Rank = common,
            Alpha = alpha(common),
            Targets = new Targets(ranks.Keys.Select(path => path[(path.LastIndexOf('.') + 1)..]).Distinct()),
            RankPattern = [.. ranks.Where(layer => layer.Value != common).Select(layer => string.Create(CultureInfo.InvariantCulture, $"{Regex.Escape(layer.Key)}={layer.Value}"))],
            AlphaPattern = [.. ranks.Where(layer => alpha(layer.Value) != alpha(common)).Select(layer => string.Create(CultureInfo.InvariantCulture, $"{Regex.Escape(layer.Key)}={alpha(layer.Value)}"))],
            Dora = tensors.Any(tensor => tensor.Name.EndsWith(LoraNames.Magnitude, StringComparison.Ordinal)),
        };
        var problems = new Problems();
        options.Validate(problems);
        return problems.None ? options : throw CheckpointException.Setting(file, "settings out of range", string.Join(" ", problems.Found));
    }

    /// <summary>The tensors of a checkpoint that are factors, by peft's names; others are left out.</summary>
    public static IReadOnlyList<AdapterTensor> Tensors(Checkpoint file, bool transposed)
    {
        var tensors = new Dictionary<string, AdapterTensor>();
        foreach (var info in file.Tensors.Values)
        {
            if (LoraNames.Split(info.Name) is not var (path, factor))
                continue;
            var tensor = new AdapterTensor($"{path}.{factor}", info, () => file.Get(info.Name))
            {
                Transposed = transposed,
                Interleaved = LoraNames.IsMeta(info.Name),
            };
            if (!tensors.TryAdd(tensor.Name, tensor))
                throw CheckpointException.Duplicate(file.Name, tensor.Name);
        }
        return [.. tensors.Values];
    }

    private static int Rank(string file, AdapterTensor a, IReadOnlyList<AdapterTensor> tensors)
    {
        string other = a.Name[..^LoraNames.A.Length] + LoraNames.B;
        var b = tensors.FirstOrDefault(tensor => tensor.Name == other) ?? throw CheckpointException.FactorMissing(file, a.Stored.Name, "B");
        return a.Shape.Rank == 2 && b.Shape.Rank == 2 && a.Shape[0] == b.Shape[1] && a.Shape[0] is >= 1 and <= 65_536
            ? (int)a.Shape[0]
            : throw CheckpointException.FactorsDisagree(file, a.Stored.Name, a.Stored.Shape, b.Stored.Shape);
    }
}
