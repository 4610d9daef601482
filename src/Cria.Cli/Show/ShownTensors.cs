using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cria.Checkpoints;

namespace Cria.Cli.Show;

/// <summary>What <c>cria show</c> tells of tensors: how they are stored, all of them, or one line for those that differ only in their layer.</summary>
internal static partial class ShownTensors
{
    /// <summary>Adds the storage types with their numbers and bytes, and every tensor.</summary>
    public static void AddTo(JsonObject answer, IReadOnlyCollection<TensorInfo> tensors)
    {
        var (numbers, bytes) = (new JsonObject(), new JsonObject());
        foreach (var type in tensors.GroupBy(tensor => tensor.TypeName).OrderByDescending(type => type.Sum(tensor => tensor.Shape.Length)))
        {
            numbers[type.Key] = type.Sum(tensor => tensor.Shape.Length);
            bytes[type.Key] = type.Sum(SizeOf);
        }
        answer["types"] = numbers;
        answer["type_bytes"] = bytes;
        answer["bytes"] = tensors.Sum(SizeOf);
        answer["tensors"] = JsonAnswer.Array(tensors, tensor => new JsonObject
        {
            ["name"] = ForeignText.Clean(tensor.Name),
            ["type"] = tensor.TypeName,
            ["shape"] = tensor.Shape.ToString(),
            ["file"] = tensor.File,
        });
    }

    /// <summary>One entry for all tensors of one name, type and shape, the number of the layer apart.</summary>
    public static JsonArray Groups(IEnumerable<TensorInfo> tensors) =>
        JsonAnswer.Array(tensors.GroupBy(tensor => (Layer().Replace(tensor.Name, ".*."), tensor.TypeName, tensor.Shape)), group => new JsonObject
        {
            ["name"] = ForeignText.Clean(group.Key.Item1),
            ["count"] = group.Count(),
            ["type"] = group.Key.TypeName,
            ["shape"] = group.Key.Shape.ToString(),
        });

    private static long SizeOf(TensorInfo tensor) => tensor.Type?.Bytes(tensor.Shape.Length) ?? 0;

    [GeneratedRegex(@"(?<=\b(layers|blk))\.\d+\.")]
    private static partial Regex Layer();
}
