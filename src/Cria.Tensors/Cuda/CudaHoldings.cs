namespace Cria.Tensors;

/// <summary>What a card's memory held when no more was to be had, in bytes.</summary>
/// <param name="Wanted">Asked for in vain.</param>
/// <param name="Lasting">By tensors that belong to no scope: weights, what is trained with its gradients and states, caches.</param>
/// <param name="Passing">By what the open scopes made, which goes when they end: activations and their gradients.</param>
/// <param name="Idle">Given back to the pool, in pieces too small for what was wanted.</param>
/// <param name="Others">By other processes and the driver itself.</param>
/// <param name="Total">All that the card has.</param>
internal readonly record struct CudaHoldings(long Wanted, long Lasting, long Passing, long Idle, long Others, long Total);
