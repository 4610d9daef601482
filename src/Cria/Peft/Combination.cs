using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Makes one adapter of several that are attached to a model, each with its <see cref="Adapter.Scale"/> as its weight. They leave the model, and the new one stands in their place.</summary>
public static class Combination
{
    private const string Name = "the combination";

    // Weights are typed with a few digits.
    private const float OneEnough = 1e-3f;

    /// <summary>Tensor by tensor the weighted mean Σ w θ; of LoRAs, whose effect is a product, A = Σ √w A and B = Σ √w B.</summary>
    /// <exception cref="OptionsException">They are not of one method with the same settings and tensors, or the weights do not go together.</exception>
    /// <remarks>With LoRAs this is peft's <c>add_weighted_adapter</c> of the kind <c>linear</c>. It is not the sum of what they do: <see cref="Concatenate"/> is.</remarks>
    public static Adapter Linear(LlamaModel model, IReadOnlyList<Adapter> adapters)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(adapters);
        CheckSame(adapters);
        bool isProduct = adapters[0].Options is LoraOptions;
        var sums = adapters[0].Trained.Select((parameter, i) => Sum(adapters, i, isProduct && LoraNames.IsFactor(parameter.Name))).ToList();
        Leave(adapters);
        var combined = adapters[0].Options.Attach(model, seed: 0);
        for (int i = 0; i < sums.Count; i++)
            combined.Trained[i].Value.Set(sums[i]);
        return combined;
    }

    /// <summary>LoRAs side by side: A = [A₁; A₂; …] and B = [w₁ s₁ B₁, w₂ s₂ B₂, …], which does exactly what all of them do together. The ranks add up.</summary>
    /// <exception cref="OptionsException">One is not a LoRA of factors alone.</exception>
    public static Adapter Concatenate(LlamaModel model, IReadOnlyList<Adapter> adapters)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(adapters);
        var problems = new Problems();
        problems.Unless(adapters.Count > 0, "adapter: name at least one.");
        foreach (var adapter in adapters)
        {
            if (WhyNoFactors(adapter) is { } reason)
                problems.Add($"concatenate: only LoRAs of factors A and B can stand side by side; {reason}");
        }
        problems.ThrowIfAny();
        var tensors = SideBySide(adapters);
        Leave(adapters);
        using var content = new AdapterContent(Name, AdapterForm.HuggingFace, LoraFactors.Options(Name, tensors, rank => rank), tensors, new MemoryStream()) { LayersFollowTensors = true };
        return content.Attach(model);
    }

    private static void CheckSame(IReadOnlyList<Adapter> adapters)
    {
        var problems = new Problems();
        problems.Unless(adapters.Count > 0, "adapter: name at least one.");
        problems.ThrowIfAny();
        var first = adapters[0];
        problems.Unless(first.Options is not LoraOptions lora || !LoraInitialization.ChangesBase(lora.Init), "linear: a LoRA whose start was taken out of the base cannot be combined; export it first.");
        foreach (var other in adapters.Skip(1))
        {
            problems.Unless(other.Options.Method == first.Options.Method, $"linear: the adapters are of two methods, {first.Options.Method} and {other.Options.Method}.");
            if (Difference(first, other) is { } difference)
                problems.Add($"linear: the adapters differ in {difference}.");
        }
        if (first.Options is LoraOptions)
            problems.Unless(adapters.All(adapter => adapter.Scale > 0), "linear: the weights of LoRAs must be positive, since their roots go to A and B.");
        else
            problems.Unless(Math.Abs(adapters.Sum(adapter => adapter.Scale) - 1) < OneEnough, $"linear: the weights must add up to 1, and add up to {adapters.Sum(adapter => adapter.Scale)}.");
        problems.ThrowIfAny();
    }

    private static string? Difference(Adapter first, Adapter other)
    {
        if (first.Loras.Zip(other.Loras).Any(pair => pair.First.Scaling / first.Scale != pair.Second.Scaling / other.Scale))
            return "alpha over rank";
        var there = other.Trained.ToDictionary(parameter => parameter.Name, parameter => parameter.Value.Shape);
        foreach (var parameter in first.Trained)
        {
            if (!there.TryGetValue(parameter.Name, out var shape))
                return $"{parameter.Name}, which only one has";
            if (shape != parameter.Value.Shape)
                return $"{parameter.Name}: {parameter.Value.Shape} and {shape}";
        }
        return there.Count > first.Trained.Count ? "their tensors: one has more" : null;
    }

    private static float[] Sum(IReadOnlyList<Adapter> adapters, int index, bool isFactor)
    {
        string name = adapters[0].Trained[index].Name;
        float[] sum = new float[adapters[0].Trained[index].Value.Shape.Length];
        foreach (var adapter in adapters)
        {
            float weight = isFactor ? MathF.Sqrt(adapter.Scale) : adapter.Scale;
            float[] numbers = adapter.Trained.First(parameter => parameter.Name == name).Value.ToArray();
            for (int i = 0; i < sum.Length; i++)
                sum[i] += weight * numbers[i];
        }
        return sum;
    }

    private static string? WhyNoFactors(Adapter adapter)
    {
        if (adapter.Options is not LoraOptions lora)
            return $"{adapter.Options.Method} has none.";
        if (LoraInitialization.ChangesBase(lora.Init))
            return $"init: {lora.Init} took the start out of the base; export it first.";
        return adapter.Trained.FirstOrDefault(parameter => !LoraNames.IsFactor(parameter.Name)) is { } other ? $"one trains {other.Name} too." : null;
    }

    private static List<AdapterTensor> SideBySide(IReadOnlyList<Adapter> adapters)
    {
        using var off = Gradients.Off();
        var tensors = new List<AdapterTensor>();
        foreach (var layer in adapters.SelectMany(adapter => adapter.Loras).GroupBy(lora => LoraNames.PathOf(lora.A.Name)))
        {
            var a = layer.Select(lora => lora.A.Value).Aggregate(Tensor.Concatenate);
            var b = layer.Select(lora => Orthonormal.Transpose(lora.B.Value) * lora.Scaling).Aggregate(Tensor.Concatenate);
            tensors.Add(Of($"{layer.Key}.{LoraNames.A}", a));
            tensors.Add(Of($"{layer.Key}.{LoraNames.B}", Orthonormal.Transpose(b)));
        }
        return tensors;
    }

    private static AdapterTensor Of(string name, Tensor tensor) => new(name, new TensorInfo(name, tensor.Type, tensor.Type.Name, tensor.Shape, Name), () => tensor);

    private static void Leave(IReadOnlyList<Adapter> adapters)
    {
        foreach (var adapter in adapters.Reverse())
            adapter.Detach();
    }
}
