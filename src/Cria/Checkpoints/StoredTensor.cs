using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>A tensor as its file has it.</summary>
/// <param name="Tensor">The numbers.</param>
/// <param name="InNeighbours">Whether its rows stand in the order in which neighbours are rotated (<see cref="RotaryRows"/>).</param>
internal readonly record struct StoredTensor(Tensor Tensor, bool InNeighbours);
