using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Cria.Data;

/// <summary>Examples by their number, of which there may be more than the memory holds.</summary>
internal sealed class ExampleStore : IDisposable
{
    private const long MostInMemory = 32 << 20;

    private readonly ByteStore tokens = new("the tokens of the examples", MostInMemory);
    private readonly ByteStore index = new("the places of the examples", MostInMemory);
    private readonly List<string> files = [];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>An example, read afresh.</summary>
    public Example this[int number]
    {
        get
        {
            var entry = EntryOf(number);
            int[] all = new int[entry.HasLabels ? 2 * entry.Tokens : entry.Tokens];
            tokens.Read(entry.Start, MemoryMarshal.AsBytes(all.AsSpan()));
            int[] ids = entry.HasLabels ? all[..entry.Tokens] : all;
            return new Example(ids, entry.HasLabels ? all[entry.Tokens..] : ids, OriginOf(entry)) { Image = ImageOf(entry) };
        }
    }

    /// <summary>What the examples show, in order; those that show nothing are left out.</summary>
    public IEnumerable<(RecordOrigin Origin, RecordImage Image)> Images
    {
        get
        {
            for (int number = 0; number < Count; number++)
            {
                var entry = EntryOf(number);
                if (ImageOf(entry) is { } image)
                    yield return (OriginOf(entry), image);
            }
        }
    }

    /// <summary>Whether an example shows an image.</summary>
    public bool ShowsImage(int number) => EntryOf(number).Image > 0;

    /// <summary>How many tokens an example has.</summary>
    public int TokensOf(int number) => EntryOf(number).Tokens;

    /// <summary>Adds an example at the end.</summary>
    public void Add(Example example)
    {
        if (files.Count == 0 || files[^1] != example.Origin.File)
            files.Add(example.Origin.File);
        bool hasLabels = !ReferenceEquals(example.Tokens, example.Labels);
        byte[] image = example.Image is { } shown ? Encoding.UTF8.GetBytes($"{shown.File}\0{shown.Tensor}") : [];
        var entry = new Entry(tokens.Length, example.Tokens.Count, files.Count - 1, example.Origin.Line, hasLabels, image.Length);
        tokens.Add(MemoryMarshal.AsBytes<int>((int[])example.Tokens));
        if (hasLabels)
            tokens.Add(MemoryMarshal.AsBytes<int>((int[])example.Labels));
        tokens.Add(image);
        index.Add(MemoryMarshal.AsBytes(new ReadOnlySpan<Entry>(in entry)));
        Count = checked(Count + 1);
    }

    public void Dispose()
    {
        tokens.Dispose();
        index.Dispose();
    }

    private Entry EntryOf(int number)
    {
        var entry = default(Entry);
        index.Read((long)number * Unsafe.SizeOf<Entry>(), MemoryMarshal.AsBytes(new Span<Entry>(ref entry)));
        return entry;
    }

    private RecordOrigin OriginOf(Entry entry) => new(files[entry.File], entry.Line);

    private RecordImage? ImageOf(Entry entry)
    {
        if (entry.Image == 0)
            return null;
        byte[] image = new byte[entry.Image];
        tokens.Read(entry.Start + sizeof(int) * (long)entry.Tokens * (entry.HasLabels ? 2 : 1), image);
        string[] parts = Encoding.UTF8.GetString(image).Split('\0');
        return new RecordImage(parts[0], parts[1].Length > 0 ? parts[1] : null);
    }

    // Behind an example's tokens and labels stands what it shows: so many bytes.
    private readonly record struct Entry(long Start, int Tokens, int File, int Line, bool HasLabels, int Image);
}
