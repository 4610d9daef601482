using System.Collections;

namespace Cria.Data;

/// <summary>Sequences of the examples of a store. Each is read when it is asked for, and forgotten afterwards.</summary>
/// <param name="store">The examples.</param>
/// <param name="examples">Their numbers, those of one sequence after those of the one before.</param>
/// <param name="starts">Where each sequence begins among them, and at last where they end; null where each example is a sequence.</param>
internal sealed class StoredSequences(ExampleStore store, int[] examples, int[]? starts) : IReadOnlyList<Sequence>
{
    public int Count => starts is null ? examples.Length : starts.Length - 1;

    public Sequence this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return new Sequence([.. examples[Range(index)].Select(number => store[number])]);
        }
    }

    /// <summary>Tokens of a sequence, which is not read for it.</summary>
    public int LengthOf(int index) => examples[Range(index)].Sum(store.TokensOf);

    /// <summary>Whether a sequence, which is not read for it, shows an image.</summary>
    public bool ShowsImages(int index) => examples[Range(index)].Any(store.ShowsImage);

    public IEnumerator<Sequence> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Range Range(int index) => starts is null ? index..(index + 1) : starts[index]..starts[index + 1];
}
