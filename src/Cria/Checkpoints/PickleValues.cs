namespace Cria.Checkpoints;

/// <summary>A name that a pickle asks Python for: one that is on the list of <see cref="TorchObjects"/>.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A dictionary in the order in which it was filled. Keys are not compared: a key that comes twice is found by whoever reads it.</summary>
internal sealed class PickleDictionary
{
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>Numbers of one type in one entry of the archive.</summary>
/// <param name="Key">The entry's name below <c>data/</c>.</param>
/// <param name="TypeName">As <see cref="TensorInfo.TypeName"/>; null where only the tensors over it say.</param>
/// <param name="Count">How many numbers, or bytes where the type is not known.</param>
internal sealed record TorchStorage(string Key, string? TypeName, long Count);

/// <summary>A tensor over a part of a storage; offset and strides count numbers.</summary>
internal sealed record TorchTensor(TorchStorage Storage, string TypeName, long Offset, long[] Sizes, long[] Strides);
