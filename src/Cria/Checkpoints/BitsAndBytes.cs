using System.Runtime.InteropServices;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>The 4-bit weights of bitsandbytes in safetensors files: packed codes under the weight's own name, scales and maps beside it.</summary>
/// <remarks>
/// Beside a weight X stand <c>X.absmax</c>, <c>X.quant_map</c>, for nested scales <c>X.nested_absmax</c> and <c>X.nested_quant_map</c>, and
/// a <see cref="QuantState"/>. Layout of <see href="https://github.com/bitsandbytes-foundation/bitsandbytes"/>, <c>QuantState.as_dict</c>.
/// </remarks>
internal sealed partial class BitsAndBytes
{
    private const string StateMark = ".quant_state.bitsandbytes__", Scales = ".absmax", Map = ".quant_map";
    private const string NestedScales = ".nested_absmax", NestedMap = ".nested_quant_map";
    private const float MapTolerance = 1e-6f;       // maps are computed anew by each version of the library

    private readonly Func<TensorInfo, Storage> bytes;
    private readonly Dictionary<string, TensorInfo> parts = [];
    private readonly Dictionary<string, QuantState> states = [];

    private BitsAndBytes(Func<TensorInfo, Storage> bytes) => this.bytes = bytes;

    /// <summary>Replaces packed weights in a list of tensors by what they stand for, and takes out what stands beside them.</summary>
    /// <param name="tensors">All tensors by name, as the files have them.</param>
    /// <param name="bytes">The bytes of one of them.</param>
    public static BitsAndBytes Fold(Dictionary<string, TensorInfo> tensors, Func<TensorInfo, Storage> bytes)
    {
        var folded = new BitsAndBytes(bytes);
        foreach (string name in tensors.Keys.Where(name => name.Contains(StateMark, StringComparison.Ordinal)).ToList())
            folded.Fold(tensors, name[..name.IndexOf(StateMark, StringComparison.Ordinal)], tensors[name]);
        return folded;
    }

    /// <summary>The tensor of that name where it is a packed one, in blocks of ours; else null.</summary>
    public Tensor? TryRead(TensorInfo info, DataType type, Backend device)
    {
        if (!states.TryGetValue(info.Name, out var state))
            return null;
        CheckMap(info.Name + Map, FourBitParts.BookOf(type)!);
        var codes = bytes(parts[info.Name]);
        var nested = state.IsNested ? ReadNested(info.Name, state) : null;
        var read = type == DataType.NF4DQ
            ? new FourBitParts(codes, [], nested)
            : new FourBitParts(codes, Spread(nested is null ? Floats(info.Name + Scales) : Unnest(nested, state), state), null);
        return read.Join(info.Shape, type, device);
    }

    private void Fold(Dictionary<string, TensorInfo> tensors, string name, TensorInfo stateInfo)
    {
        var state = QuantState.Parse(stateInfo.File, stateInfo.Name, Bytes(stateInfo));
        string[] suffixes = ["", Scales, Map, .. state.IsNested ? new[] { NestedScales, NestedMap } : []];
        foreach (string suffix in suffixes)
        {
            if (!tensors.Remove(name + suffix, out var part))
                throw CheckpointException.Missing(stateInfo.File, name + suffix, closest: null);
            parts.Add(name + suffix, part);
        }
        tensors.Remove(stateInfo.Name);
        Check(name, stateInfo, state);
        var type = TypeOf(state) ?? throw CheckpointException.QuantState(stateInfo.File, stateInfo.Name, $"expected quant_type nf4 or fp4, found {CheckpointException.Quote(state.Type)}");
        states.Add(name, state);
        tensors.Add(name, new TensorInfo(name, type, type.Name, state.Shape, stateInfo.File));
    }

    // Scales of bytes are kept where ours are grouped alike; else they become floats, which changes no number.
    private static DataType? TypeOf(QuantState state) => state.Type switch
    {
        "nf4" => state is { BlockLength: FourBitParts.BlockLength, GroupLength: FourBitParts.GroupLength } ? DataType.NF4DQ : DataType.NF4,
        "fp4" => DataType.FP4,
        _ => null,
    };

    private void Check(string name, TensorInfo info, QuantState state)
    {
        if (!state.HasBlocksOfOurs || state.GroupLength is < 1)
            throw CheckpointException.QuantState(info.File, info.Name, $"expected a blocksize of 64, 128, … 4096, found {state.BlockLength} (nested: {state.GroupLength ?? 0})");
        if (state.Shape.Rank == 0 || state.Shape.Columns % FourBitParts.BlockLength != 0)
            throw CheckpointException.QuantState(info.File, info.Name, $"expected rows of a multiple of {FourBitParts.BlockLength} numbers, found {state.Shape}");
        long scales = (state.Shape.Length + state.BlockLength - 1) / state.BlockLength;
        ExpectBytes(name, state.Shape.Length / 2);
        ExpectBytes(name + Scales, state.IsNested ? scales : scales * sizeof(float));
        ExpectBytes(name + Map, 16 * sizeof(float));
        if (state.GroupLength is { } group)
        {
            ExpectBytes(name + NestedScales, (scales + group - 1) / group * sizeof(float));
            ExpectBytes(name + NestedMap, FourBitParts.NestedBook.Count * sizeof(float));
        }
    }

    private void ExpectBytes(string part, long expected)
    {
        var info = parts[part];
        if (bytes(info).Length != expected)
            throw CheckpointException.QuantBytes(info.File, part, expected, bytes(info).Length);
    }

    private NestedScales ReadNested(string name, QuantState state)
    {
        CheckMap(name + NestedMap, FourBitParts.NestedBook);
        return new NestedScales(Bytes(parts[name + Scales]).ToArray(), Floats(name + NestedScales), state.Offset);
    }

    private void CheckMap(string part, IReadOnlyList<float> expected)
    {
        float[] found = Floats(part);
        if (found.Length != expected.Count || found.Where((number, i) => !(Math.Abs(number - expected[i]) <= MapTolerance)).Any())
            throw CheckpointException.QuantMap(parts[part].File, part);
    }

    private static float[] Unnest(NestedScales nested, QuantState state) =>
        [.. nested.Codes.Select((code, i) => FourBitParts.NestedBook[code] * nested.Largest[i / state.GroupLength!.Value] + nested.Offset)];

    // One scale for each 64 numbers, where the file has one for more.
    private static float[] Spread(float[] scales, QuantState state)
    {
        if (state.BlockLength == FourBitParts.BlockLength)
            return scales;
        var each = new float[state.Shape.Length / FourBitParts.BlockLength];
        for (int i = 0; i < each.Length; i++)
            each[i] = scales[(long)i * FourBitParts.BlockLength / state.BlockLength];
        return each;
    }

    private float[] Floats(string part) => MemoryMarshal.Cast<byte, float>(Bytes(parts[part])).ToArray();

    private Span<byte> Bytes(TensorInfo part)
    {
        var storage = bytes(part);
        return storage.Bytes(0, (int)Math.Min(storage.Length, int.MaxValue));
    }
}
