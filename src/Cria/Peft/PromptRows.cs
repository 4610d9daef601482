using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>The rows of a prompt as the sequences of a pass see them: one copy for all, or one for each sequence, with its image added.</summary>
/// <param name="Value">The rows, (K, d), or (S·K, d).</param>
/// <param name="Spans">Which tokens see which of them.</param>
/// <param name="IsShared">Whether all sequences see the same rows.</param>
internal readonly record struct PromptRows(Tensor Value, IReadOnlyList<AttentionSpan> Spans, bool IsShared)
{
    /// <summary>What is read of an image: one row, added to every row of the prompt, or one for each of them.</summary>
    public static ImageShape Images(int length, int width) => new([1, length], width, $"prompt_length {length} (or one for all its rows) and hidden_size {width}");

    public static PromptRows Of(ForwardContext context, Tensor prompt, bool seesImages)
    {
        int length = prompt.Shape.Rows;
        if (!seesImages || context.Images.All(image => image is null))
            return new(prompt, [new AttentionSpan(0, context.Positions.Count, 0, length, Causal: false)], IsShared: true);

        int sequences = context.Spans.Count;
        int[] repeated = [.. Enumerable.Range(0, sequences * length).Select(row => row % length)];
        var rows = prompt.Rows(repeated) + Added(context.Images, sequences, prompt);
        return new(rows, [.. context.Spans.Select((span, s) => new AttentionSpan(span.Query, span.Queries, s * length, length, Causal: false))], IsShared: false);
    }

    // What each row of each sequence's prompt gets, (S·K, d); zeros where it shows nothing.
    private static Tensor Added(IReadOnlyList<Tensor?> images, int sequences, Tensor prompt)
    {
        int length = prompt.Shape.Rows;
        ImageFeatures.Check(images, sequences, Images(length, prompt.Shape.Columns));
        var added = prompt.Device.Zeros(new Shape((long)sequences * length, prompt.Shape.Columns));
        for (int row = 0; row < sequences * length; row++)
        {
            if (images[row / length] is { } image)
                image.Device.CopyRows(image, image.Shape.Rows == 1 ? 0 : row % length, added, row, 1);
        }
        return added;
    }
}
