using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>The image tokens of a pass in one tensor, and how each sequence sees a shared prompt with its own tokens behind it.</summary>
internal sealed class ImageTokens
{
    /// <param name="context">A pass in which some sequence shows an image.</param>
    /// <param name="shape">What is read of an image.</param>
    /// <param name="prompt">The rows of the shared prompt; without one, a sequence without an image sees nothing.</param>
    public ImageTokens(ForwardContext context, ImageShape shape, int prompt)
    {
        ImageFeatures.Check(context.Images, context.Spans.Count, shape);
        var order = new List<int>();
        var spans = new List<AttentionSpan>();
        int taken = 0;
        for (int s = 0; s < context.Spans.Count; s++)
        {
            int tokens = context.Images[s]?.Shape.Rows ?? 0, first = order.Count;
            order.AddRange(Enumerable.Range(0, prompt));
            order.AddRange(Enumerable.Range(prompt + taken, tokens));
            if (prompt + tokens > 0)
                spans.Add(new AttentionSpan(context.Spans[s].Query, context.Spans[s].Queries, first, prompt + tokens, Causal: false));
            taken += tokens;
        }
        (Order, Spans, Features) = ([.. order], spans, Together(context.Images, taken, shape.Columns));
    }

    /// <summary>All tokens of all images, one after another.</summary>
    public Tensor Features { get; }

    /// <summary>Rows of the prompt followed by the features, in the order in which the sequences see them.</summary>
    public int[] Order { get; }

    /// <summary>Which part of them a sequence sees.</summary>
    public IReadOnlyList<AttentionSpan> Spans { get; }

    private static Tensor Together(IReadOnlyList<Tensor?> images, int rows, int width)
    {
        var device = images.First(image => image is not null)!.Device;
        var all = device.Empty(new Shape(rows, width));
        int at = 0;
        foreach (var image in images.OfType<Tensor>())
        {
            device.CopyRows(image, 0, all, at, image.Shape.Rows);
            at += image.Shape.Rows;
        }
        return all;
    }
}
