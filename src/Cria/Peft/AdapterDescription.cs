using Cria.Checkpoints;

namespace Cria.Peft;

/// <summary>What an adapter's file says.</summary>
/// <param name="Form">The form of the file.</param>
/// <param name="Options">The method and its settings.</param>
/// <param name="Base">The name of the base, where it is said.</param>
/// <param name="Layers">The numbers of the blocks that have trained tensors, in order.</param>
/// <param name="Tensors">The trained tensors, by the names and in the shapes of the file.</param>
/// <param name="Note">What had to be assumed, or null.</param>
public sealed record AdapterDescription(
    AdapterForm Form, PeftOptions Options, string? Base, IReadOnlyList<int> Layers, IReadOnlyList<TensorInfo> Tensors, string? Note);
