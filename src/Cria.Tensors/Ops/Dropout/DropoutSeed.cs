namespace Cria.Tensors;

/// <summary>Where a dropout takes its randomness from.</summary>
/// <param name="Pass">Another number for each pass. Work that was recorded reads it anew in each run.</param>
/// <param name="Place">Which of the dropouts of a pass; null where <paramref name="Pass"/> alone says all.</param>
internal readonly record struct DropoutSeed(ulong Pass, ulong? Place)
{
    public ulong Value => Place is { } place ? RandomSource.Mix(Pass, place) : Pass;
}
