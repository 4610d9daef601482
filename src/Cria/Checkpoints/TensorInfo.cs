using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>What a checkpoint says about one tensor, before its numbers are touched.</summary>
/// <param name="Name">The name in Hugging Face's form, whatever the format of the file.</param>
/// <param name="Type">The type in which the numbers can be computed with, or null where Cria has none, as for whole numbers.</param>
/// <param name="TypeName">How the file stores the numbers, in lower case: <c>bf16</c>, <c>q8_0</c>, <c>i64</c>.</param>
/// <param name="Shape">The lengths of the axes, outermost first.</param>
/// <param name="File">The file that holds the numbers, as messages name it.</param>
public sealed record TensorInfo(string Name, DataType? Type, string TypeName, Shape Shape, string File);
