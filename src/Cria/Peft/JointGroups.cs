namespace Cria.Peft;

/// <summary>The two groups of tensors of joint training, by what the tensors are called in recipes: each kind of tensor is in one of them.</summary>
internal static class JointGroups
{
    public const string Projection = "visual_projection", VisualGate = "visual_gate", Prompt = "prompt", Gate = "gate", Norm = "norm", Bias = "bias", Scale = "scale", Lora = "lora";

    /// <summary>How the names of the tensors of a kind end, or for LoRA's factors what stands in them.</summary>
    private static readonly (string Kind, Func<string, bool> Is)[] Kinds =
    [
        (Projection, name => name == VisualPrompt.ProjectionName),
        (VisualGate, name => name.EndsWith($".{VisualPrompt.GateName}", StringComparison.Ordinal)),
        (Prompt, name => name.EndsWith($".{GatedPrompt.PromptName}", StringComparison.Ordinal)),
        (Gate, name => name.EndsWith($".{GatedPrompt.GateName}", StringComparison.Ordinal)),
        (Norm, name => name.EndsWith("norm.weight", StringComparison.Ordinal)),
        (Bias, name => name.EndsWith($".{ScaledLinear.BiasName}", StringComparison.Ordinal)),
        (Scale, name => name.EndsWith($".{ScaledLinear.ScaleName}", StringComparison.Ordinal)),
        (Lora, name => name.Contains(".lora_", StringComparison.Ordinal)),
    ];

    /// <summary>The kind of a tensor.</summary>
    public static string KindOf(string name) => Kinds.First(kind => kind.Is(name)).Kind;

    /// <summary>Adds what is wrong with two groups for tensors of these kinds.</summary>
    public static void Validate(IReadOnlyList<string> image, IReadOnlyList<string> text, IReadOnlyCollection<string> there, Problems problems)
    {
        string[] all = [.. Kinds.Select(kind => kind.Kind)];
        foreach (string kind in image)
            problems.UnlessOneOf("image_trains", kind, all);
        foreach (string kind in text)
            problems.UnlessOneOf("text_trains", kind, all);
        foreach (string kind in image.Intersect(text))
            problems.Add($"image_trains, text_trains: {kind} is in both; the groups of joint training must not overlap.");
        foreach (string kind in there.Except(image).Except(text))
            problems.Add($"joint: {kind} is neither in image_trains nor in text_trains, and would never move.");
        problems.Unless(there.Intersect(image).Any(), "image_trains: names nothing that this adapter has; batches with images would move nothing.");
        problems.Unless(there.Intersect(text).Any(), "text_trains: names nothing that this adapter has; batches without images would move nothing.");
    }
}
