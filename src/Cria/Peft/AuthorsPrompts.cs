using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>The prompts of all adapted layers in one matrix, and the gates of all layers of the model, adapted or not.</summary>
internal sealed class AuthorsPrompts
{
    private readonly Checkpoint file;
    private readonly TensorInfo query;
    private readonly SortedDictionary<int, (TensorInfo Gate, TensorInfo? Extra)> gates;

    private AuthorsPrompts(Checkpoint file, TensorInfo query, SortedDictionary<int, (TensorInfo Gate, TensorInfo? Extra)> gates, int layers) =>
        (this.file, this.query, this.gates, Layers) = (file, query, gates, layers);

    /// <summary>How many of the topmost layers have a prompt.</summary>
    public int Layers { get; }

    /// <summary>The rows of each.</summary>
    public int Length => query.Shape.Rows / Layers;

    /// <summary>Finds them in a file, or null.</summary>
    /// <exception cref="CheckpointException">Prompts and gates do not fit together.</exception>
    public static AuthorsPrompts? Find(string path, Checkpoint file, int usualLength)
    {
        if (file.Tensors.Values.FirstOrDefault(info => AuthorsNames.IsQuery(info.Name)) is not { } query)
            return null;
        var gates = new SortedDictionary<int, (TensorInfo Gate, TensorInfo? Extra)>();
        foreach (var info in file.Tensors.Values)
        {
            if (AuthorsNames.Gate(info.Name, extra: false) is { } layer)
                gates[layer] = (info, file.Tensors.Values.FirstOrDefault(other => AuthorsNames.Gate(other.Name, extra: true) == layer));
        }

        // Gates of layers without a prompt stayed zero; where all are zero, a prompt has as many rows as in the released code.
        int rows = query.Shape.Rank == 2 ? query.Shape.Rows : 0, moved = gates.Values.Count(gate => file.Get(gate.Gate.Name).To(DataType.F32).Floats().ContainsAnyExcept(0f));
        int layers = moved > 0 ? moved : rows / usualLength;
        if (rows == 0 || layers == 0 || layers > gates.Count || rows % layers != 0)
            throw CheckpointException.Setting(path, query.Name, $"{query.Shape} does not divide into prompts for the {gates.Count} layers that have gates ({moved} of them not zero)");
        return new(file, query, gates, layers);
    }

    /// <summary>A prompt and a gate for each adapted layer.</summary>
    /// <param name="isSecond">Whether they are of V2, whose code has tanh and sometimes a factor before the gate.</param>
    public IEnumerable<AdapterTensor> Tensors(bool isSecond)
    {
        int width = query.Shape.Columns, first = gates.Keys.Last() + 1 - Layers;
        for (int i = 0; i < Layers; i++)
        {
            int start = i * Length;
            string path = $"model.layers.{first + i}.self_attn";
            yield return new($"{path}.{GatedPrompt.PromptName}", query with { Shape = new Shape(1, Length, width) }, () => Part(start));
            if (gates.TryGetValue(first + i, out var gate))
                yield return new($"{path}.{GatedPrompt.GateName}", gate.Gate with { Shape = new Shape(gate.Gate.Shape.Length) }, () => isSecond ? Product(gate.Gate, gate.Extra) : Numbers(gate.Gate));
        }
    }

    private Tensor Part(int start)
    {
        var all = file.Get(query.Name).To(DataType.F32);
        var part = all.Device.Empty(new Shape(Length, query.Shape.Columns));
        all.Device.CopyRows(all, start, part, 0, Length);
        return part.View(new Shape(1, Length, query.Shape.Columns));
    }

    // A gate that is used as it is holds the product.
    private Tensor Product(TensorInfo gate, TensorInfo? extra)
    {
        float factor = extra is null ? 1 : Numbers(extra).Floats()[0];
        return Numbers(gate).Tanh() * factor;
    }

    private Tensor Numbers(TensorInfo info) => file.Get(info.Name).To(DataType.F32).View(new Shape(info.Shape.Length));
}
