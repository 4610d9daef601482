namespace Cria.Tensors;

/// <summary>Work that a device has recorded, to be run again with little more than one call: see <see cref="Backend.Record"/>.</summary>
public abstract class RecordedWork : IDisposable
{
    /// <summary>Puts the work into the device's queue, with what the arrays of <see cref="RecordedInputs"/> hold now.</summary>
    /// <exception cref="ArgumentException">The spans are not of the kind that was recorded, or one sees more keys than was said.</exception>
    public abstract void Run();

    /// <summary>Gives the memory of its temporaries back to the device.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the device holds.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>What may differ from run to run of recorded work: the content of these arrays. The work must be given these very arrays, not copies.</summary>
/// <param name="Tokens">Ids for <see cref="Tensor.Rows"/>.</param>
/// <param name="Positions">For <see cref="Rotary.Angles"/>.</param>
/// <param name="Spans">For attention and <see cref="Backend.AppendRows"/>: of one query each, all causal. Other spans in the work stay as they are.</param>
/// <param name="MostKeys">The most keys that a span will see.</param>
public sealed record RecordedInputs(int[] Tokens, int[] Positions, AttentionSpan[] Spans, int MostKeys)
{
    /// <summary>For <see cref="Tensor.CrossEntropy"/>: an id for every row.</summary>
    public int[] Targets { get; init; } = [];

    /// <summary>One number: the pass of every <see cref="Tensor.Dropout(float, ulong, ulong)"/>, as it is while the work is recorded. None where nothing falls.</summary>
    public ulong[] Seed { get; init; } = [];
}

public abstract partial class Backend
{
    /// <summary>
    /// Records work instead of doing it, so that <see cref="RecordedWork.Run"/> does it, as often as wanted, at a fraction of the calls. Shapes and
    /// addresses stay as they are: results go into tensors that were made before.
    /// </summary>
    /// <param name="inputs">What may change.</param>
    /// <param name="work">Done before at least once, so that nothing is made ready in it for the first time; gives back all that it makes.</param>
    /// <returns>Null where the device does not record, or the work does what cannot be recorded, such as reading numbers, or asking another card: do it plainly then.</returns>
    public virtual RecordedWork? Record(RecordedInputs inputs, Action work) => null;
}
