namespace Cria.Checkpoints;

/// <summary>Finds the tensors in what a pickle holds: a dictionary of them, or one that a trainer has put into another beside its own state.</summary>
internal static class TorchState
{
    // Dictionaries may hold themselves, and each other many times over.
    private const int MaxDepth = 4;

    /// <summary>What trainers call the weights among the rest, in the order in which they are looked for.</summary>
    private static readonly string[] Wrappers = ["model", "state_dict", "model_state_dict", "module", "weights"];

    /// <summary>The tensors by name, in the order of the file; a name inside an inner dictionary follows the outer one after a dot.</summary>
    public static Dictionary<string, TorchTensor> Tensors(string file, object? root)
    {
        var tensors = new Dictionary<string, TorchTensor>();
        if (root is TorchTensor single)
            tensors.Add("tensor", single);
        else if (root is PickleDictionary dictionary)
            Collect(file, Unwrapped(dictionary), "", depth: 0, tensors);
        return tensors.Count > 0 ? tensors : throw CheckpointException.NoTensors(file);
    }

    private static PickleDictionary Unwrapped(PickleDictionary outer)
    {
        for (int depth = 0; depth < MaxDepth && !outer.Items.Exists(item => item.Value is TorchTensor); depth++)
        {
            var inner = Wrappers.Select(name => outer.Items.Find(item => item.Key is string key && key == name).Value).OfType<PickleDictionary>().FirstOrDefault();
            if (inner is null)
                break;
            outer = inner;
        }
        return outer;
    }

    private static void Collect(string file, PickleDictionary dictionary, string prefix, int depth, Dictionary<string, TorchTensor> tensors)
    {
        foreach (var (key, value) in dictionary.Items)
        {
            string name = $"{prefix}{key}";
            if (value is PickleDictionary inner && depth < MaxDepth)
                Collect(file, inner, $"{name}.", depth + 1, tensors);
            if (value is not TorchTensor tensor)
                continue;
            if (!tensors.TryAdd(name, tensor))
                throw CheckpointException.Duplicate(file, name);
            if (tensors.Count > Checkpoint.MaxTensors)
                throw CheckpointException.TooManyTensors(file);
        }
    }
}
