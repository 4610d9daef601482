namespace Cria.Tensors;

/// <summary>The lifetime of temporaries: memory of the tensors made on this thread inside a scope goes back to the pool at its end.</summary>
/// <remarks>
/// The scope also holds the tape of recorded operations, so a forward pass and its <see cref="Tensor.Backward()"/> stand in one scope.
/// Parameters are made outside of any scope and live as long as somebody holds them.
/// </remarks>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? current;

    private readonly TensorScope? outer;
    private readonly List<Tensor> made = [];
    private readonly List<Op> tape = [];

    private TensorScope(TensorScope? outer) => this.outer = outer;

    internal static TensorScope? Current => current;

    /// <summary>What the tensors made in this thread's open scopes hold, their gradients included.</summary>
    internal static long OpenBytes
    {
        get
        {
            long bytes = 0;
            for (var scope = current; scope is not null; scope = scope.outer)
                bytes += scope.made.Sum(tensor => tensor.HeldBytes);
            return bytes;
        }
    }

    /// <summary>Opens a scope inside the current one.</summary>
    public static TensorScope Begin() => current = new TensorScope(current);

    /// <summary>Runs a part of a model, and gives back what it made that neither its result nor a backward pass will read.</summary>
    /// <param name="part">Must hand out no tensor that it makes other than its result.</param>
    public static Tensor Trim(Func<Tensor> part)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (current is not { } scope)
            return part();
        var (madeBefore, recordedBefore) = (scope.made.Count, scope.tape.Count);
        var result = part();
        scope.ReleaseUnread(madeBefore, recordedBefore, result);
        return result;
    }

    /// <summary>Lets a tensor outlive this scope: it now belongs to the outer one, or to nobody. Gradients do not flow through it.</summary>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var origin = tensor.Origin;
        int index = made.LastIndexOf(origin);
        if (index >= 0)
        {
            made.RemoveAt(index);
            outer?.made.Add(origin);
        }
        return tensor;
    }

    /// <summary>Ends the scope; its tensors must not be used any more.</summary>
    public void Dispose()
    {
        if (current != this)
            throw ShapeException.Gradient("A tensor scope was closed before a scope inside it.");
        foreach (var tensor in made)
            tensor.Release();
        made.Clear();
        tape.Clear();
        current = outer;
    }

    internal void Own(Tensor tensor) => made.Add(tensor);

    internal void Record(Op op) => tape.Add(op);

    private void ReleaseUnread(int madeBefore, int recordedBefore, Tensor result)
    {
        var read = new HashSet<Tensor> { result.Origin };
        foreach (var op in tape.Skip(recordedBefore))
            read.UnionWith(op.Reads.OfType<Tensor>().Select(tensor => tensor.Origin));
        int kept = madeBefore;
        for (int i = madeBefore; i < made.Count; i++)
        {
            if (read.Contains(made[i]))
                made[kept++] = made[i];
            else
                made[i].Release();
        }
        made.RemoveRange(kept, made.Count - kept);
    }

    /// <summary>Runs the tape backwards, and gives back what each step no longer needs.</summary>
    internal void Unwind(Tensor root)
    {
        for (int i = tape.Count - 1; i >= 0; i--)
        {
            var op = tape[i];
            op.RunBackward();
            if (op.Output != root)
                op.Output.Release();
        }
        tape.Clear();
    }
}
