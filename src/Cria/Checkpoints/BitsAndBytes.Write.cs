using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <content>Writing: a tensor of type nf4, nf4-dq or fp4 as the tensors that bitsandbytes makes of it.</content>
internal sealed partial class BitsAndBytes
{
    /// <summary>Whether tensors of that type can be written so.</summary>
    public static bool CanWrite(DataType type) => FourBitParts.BookOf(type) is not null;

    /// <summary>The tensors that stand for one weight, in the order of PyTorch's state.</summary>
    /// <param name="name">The weight's name.</param>
    /// <param name="tensor">Of a type that <see cref="CanWrite"/>.</param>
    /// <param name="computeType">The type that PyTorch is to compute with: <c>float32</c>, <c>float16</c> or <c>bfloat16</c>.</param>
    public static IEnumerable<TensorSource> Write(string name, Tensor tensor, string computeType = "bfloat16")
    {
        long numbers = tensor.Shape.Length, blocks = numbers / FourBitParts.BlockLength;
        bool isNested = tensor.Type == DataType.NF4DQ;
        string kind = tensor.Type == DataType.FP4 ? "fp4" : "nf4";
        yield return new(name, "u8", new Shape(numbers / 2, 1), numbers / 2, stream => TensorSource.WriteBytes(stream, FourBitParts.Of(tensor).Codes));
        yield return isNested
            ? new(name + Scales, "u8", new Shape(blocks), blocks, stream => stream.Write(FourBitParts.Of(tensor).Nested!.Codes))
            : OfFloats(name + Scales, blocks, () => FourBitParts.Of(tensor).Scales);
        yield return OfFloats(name + Map, 16, () => [.. FourBitParts.BookOf(tensor.Type)!]);

        var state = new QuantState(kind, FourBitParts.BlockLength, computeType, tensor.Shape);
        if (isNested)
        {
            long groups = (blocks + FourBitParts.GroupLength - 1) / FourBitParts.GroupLength;
            state = state with { GroupLength = FourBitParts.GroupLength, Offset = FourBitParts.Of(tensor).Nested!.Offset };
            yield return OfFloats(name + NestedScales, groups, () => FourBitParts.Of(tensor).Nested!.Largest);
            yield return OfFloats(name + NestedMap, FourBitParts.NestedBook.Count, () => [.. FourBitParts.NestedBook]);
        }
        byte[] json = state.ToJson();
        yield return new(name + StateMark + kind, "u8", new Shape(json.Length), json.Length, stream => stream.Write(json));
    }

    /// <summary>The <c>quantization_config</c> with which transformers reads such weights.</summary>
    /// <param name="type">The type of the linear layers.</param>
    /// <param name="computeType">As <see cref="Write"/> was given it.</param>
    public static JsonObject Config(DataType type, string computeType = "bfloat16") => new()
    {
        ["_load_in_4bit"] = true,
        ["_load_in_8bit"] = false,
        ["bnb_4bit_compute_dtype"] = computeType,
        ["bnb_4bit_quant_storage"] = "uint8",
        ["bnb_4bit_quant_type"] = type == DataType.FP4 ? "fp4" : "nf4",
        ["bnb_4bit_use_double_quant"] = type == DataType.NF4DQ,
        ["llm_int8_enable_fp32_cpu_offload"] = false,
        ["llm_int8_has_fp16_weight"] = false,
        ["llm_int8_skip_modules"] = null,
        ["llm_int8_threshold"] = 6.0,
        ["load_in_4bit"] = true,
        ["load_in_8bit"] = false,
        ["quant_method"] = "bitsandbytes",
    };

    private static TensorSource OfFloats(string name, long count, Func<float[]> numbers) =>
        new(name, "f32", new Shape(count), count * sizeof(float), stream => stream.Write(MemoryMarshal.AsBytes(numbers().AsSpan())));
}
