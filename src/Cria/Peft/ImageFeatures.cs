using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Whether the image features of a pass are what an adapter reads.</summary>
internal static class ImageFeatures
{
    /// <summary>Every image must have these columns, and these rows unless null.</summary>
    /// <exception cref="OptionsException">One has not, or there are not as many as sequences.</exception>
    public static void Check(IReadOnlyList<Tensor?> images, int sequences, string what, int? rows, int columns)
    {
        var problems = new Problems();
        problems.Unless(images.Count == sequences, $"images: expected one entry for each of {sequences} sequences, found {images.Count}.");
        foreach (var image in images.OfType<Tensor>())
        {
            bool fits = image.Shape.Columns == columns && (rows is null || image.Shape.Rows == rows);
            string expected = rows is { } count ? $"({count}, {columns})" : $"any number of rows of {columns}";
            problems.Unless(fits, $"images: {what} must be {expected} features, found {image.Shape}.");
            problems.Unless(image.Type == DataType.F32, $"images: {what} must be f32, found {image.Type}.");
        }
        problems.ThrowIfAny();
    }
}
