using System.Buffers.Binary;
using System.Numerics;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Cria.Data.Parquet;

/// <summary>One leaf column, read page by page: the levels of its next entry, and the value where there is one.</summary>
/// <remarks>
/// An entry is a value or the absence of one. Its repetition level tells which list goes on with it (0: a new row), its definition level how
/// much of its path is there: Melnik et al. 2010, "Dremel", section 4.
/// </remarks>
internal sealed class ParquetColumn(SafeFileHandle file, ParquetNode leaf)
{
    private const int UsualHeader = 1 << 10, LongestHeader = 1 << 20;

    private readonly long size = RandomAccess.GetLength(file);
    private ColumnChunk chunk = new(0, 0, 0);
    private long position, leftInChunk;
    private int leftInPage;
    private HybridNumbers? repetitions, definitions;
    private ParquetValues? values;
    private PlainValues? dictionary;

    /// <summary>Goes to the beginning of a row group.</summary>
    public void Begin(ColumnChunk of)
    {
        (chunk, position, leftInChunk, leftInPage, dictionary) = (of, of.Start, of.Values, 0, null);
        Advance();
    }

    /// <summary>Of the next entry; −1 behind the last.</summary>
    public int Repetition { get; private set; }

    /// <summary>Of the next entry.</summary>
    public int Definition { get; private set; }

    /// <summary>Passes over the next entry, and writes its value if there is one and somewhere to write to.</summary>
    public void Take(Utf8JsonWriter? json)
    {
        if (Repetition < 0)
            throw new InvalidDataException($"the column '{leaf.Name}' ends before its rows do");
        if (Definition == leaf.Definition)
            values!.Next(json);
        else
            json?.WriteNullValue();
        leftInPage--;
        Advance();
    }

    private void Advance()
    {
        while (leftInPage == 0)
        {
            if (leftInChunk <= 0)
            {
                Repetition = -1;
                return;
            }
            ReadPage();
        }
        Repetition = Level(repetitions, leaf.Repetition);
        Definition = definitions is null ? leaf.Definition : Level(definitions, leaf.Definition);
    }

    private static int Level(HybridNumbers? levels, int most) =>
        levels is null ? 0 : levels.Next() is var level && level <= most ? level : throw new InvalidDataException($"a level of {level}, where {most} is the highest");

    private void ReadPage()
    {
        var header = Header(out int length);
        var bytes = ParquetFooter.Bytes(file, position + length, header.CompressedSize, size);
        position += length + header.CompressedSize;
        switch (header.Kind)
        {
            case PageHeader.Dictionary:
                dictionary = new PlainValues(leaf, Compression.Decompress(chunk.Codec, bytes, header.Size), header.Values);
                return;
            case PageHeader.Data:
                Version1(header, Compression.Decompress(chunk.Codec, bytes, header.Size));
                break;
            case PageHeader.DataVersion2:
                Version2(header, bytes);
                break;
            default:
                return;
        }
        if (header.Values > leftInChunk)
            throw new InvalidDataException($"a page of '{leaf.Name}' has {header.Values} values, and {leftInChunk} are left");
        leftInPage = header.Values;
        leftInChunk -= header.Values;
    }

    private PageHeader Header(out int length)
    {
        for (int most = UsualHeader; ; most *= 4)
        {
            int known = (int)Math.Min(most, size - position);
            var thrift = new ThriftReader(ParquetFooter.Bytes(file, position, known, size));
            try
            {
                var header = PageHeader.Read(ref thrift);
                length = thrift.Position;
                return header;
            }
            catch (EndOfStreamException) when (known == most && most < LongestHeader)
            {
                // Statistics may be long: once more with more of it.
            }
        }
    }

    private void Version1(PageHeader header, ReadOnlyMemory<byte> page)
    {
        if (leaf.Repetition > 0 && header.RepetitionEncoding != ValueEncoding.Hybrid || leaf.Definition > 0 && header.DefinitionEncoding != ValueEncoding.Hybrid)
            throw new InvalidDataException("its levels are written in a way that has long been given up");
        repetitions = leaf.Repetition > 0 ? Levels(ref page, leaf.Repetition) : null;
        definitions = leaf.Definition > 0 ? Levels(ref page, leaf.Definition) : null;
        values = ParquetValues.Of(leaf, header.Encoding, page, header.Values, dictionary);
    }

    private void Version2(PageHeader header, ReadOnlyMemory<byte> page)
    {
        var (repeated, defined) = (page[..header.RepetitionBytes], page.Slice(header.RepetitionBytes, header.DefinitionBytes));
        int levels = header.RepetitionBytes + header.DefinitionBytes;
        repetitions = leaf.Repetition > 0 ? new HybridNumbers(repeated, Bits(leaf.Repetition)) : null;
        definitions = leaf.Definition > 0 ? new HybridNumbers(defined, Bits(leaf.Definition)) : null;
        var rest = header.IsCompressed ? Compression.Decompress(chunk.Codec, page[levels..], header.Size - levels) : page[levels..];
        values = ParquetValues.Of(leaf, header.Encoding, rest, header.Values, dictionary);
    }

    // The length in bytes stands before them.
    private static HybridNumbers Levels(ref ReadOnlyMemory<byte> page, int most)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(page.Span);
        var levels = new HybridNumbers(page.Slice(4, length), Bits(most));
        page = page[(4 + length)..];
        return levels;
    }

    private static int Bits(int most) => BitOperations.Log2((uint)most) + 1;
}
