using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>The rows of a prompt as the sequences of a pass see them: one copy for all, or one for each sequence, with its image added to every row.</summary>
/// <param name="Value">The rows, (K, d), or (S·K, d).</param>
/// <param name="Spans">Which tokens see which of them.</param>
/// <param name="IsShared">Whether all sequences see the same rows.</param>
internal readonly record struct PromptRows(Tensor Value, IReadOnlyList<AttentionSpan> Spans, bool IsShared)
{
    public static PromptRows Of(ForwardContext context, Tensor prompt)
    {
        int length = prompt.Shape.Rows;
        if (context.Images.All(image => image is null))
            return new(prompt, [new AttentionSpan(0, context.Positions.Count, 0, length, Causal: false)], IsShared: true);

        int sequences = context.Spans.Count;
        int[] repeated = [.. Enumerable.Range(0, sequences * length).Select(row => row % length)];
        int[] sequence = [.. Enumerable.Range(0, sequences * length).Select(row => row / length)];
        var rows = prompt.Rows(repeated) + Stack(context.Images, sequences, prompt).Rows(sequence);
        return new(rows, [.. context.Spans.Select((span, s) => new AttentionSpan(span.Query, span.Queries, s * length, length, Causal: false))], IsShared: false);
    }

    // One row of features for each sequence (S, d); zeros where it shows nothing.
    private static Tensor Stack(IReadOnlyList<Tensor?> images, int sequences, Tensor prompt)
    {
        ImageFeatures.Check(images, sequences, "a prompt's image", rows: 1, prompt.Shape.Columns);
        var stacked = prompt.Device.Zeros(new Shape(sequences, prompt.Shape.Columns));
        for (int s = 0; s < sequences; s++)
        {
            if (images[s] is { } image)
                image.Device.CopyRows(image, 0, stacked, s, 1);
        }
        return stacked;
    }
}
