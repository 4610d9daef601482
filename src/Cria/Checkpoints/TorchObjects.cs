namespace Cria.Checkpoints;

/// <summary>The few names of Python that a dictionary of tensors needs, and what they mean here. No other is ever looked up.</summary>
/// <remarks>PyTorch: torch/_utils.py (the functions), torch/serialization.py (persistent ids), torch/storage.py (the types).</remarks>
internal static class TorchObjects
{
    private const string Functions = "torch._utils";

    /// <summary>The types of storages and tensors, by their names in torch.</summary>
    private static readonly Dictionary<string, string> Types = new()
    {
        ["FloatStorage"] = "f32",
        ["HalfStorage"] = "f16",
        ["BFloat16Storage"] = "bf16",
        ["DoubleStorage"] = "f64",
        ["LongStorage"] = "i64",
        ["IntStorage"] = "i32",
        ["ShortStorage"] = "i16",
        ["CharStorage"] = "i8",
        ["ByteStorage"] = "u8",
        ["BoolStorage"] = "bool",
        ["ComplexFloatStorage"] = "c64",
        ["float32"] = "f32",
        ["float16"] = "f16",
        ["bfloat16"] = "bf16",
        ["float64"] = "f64",
        ["int64"] = "i64",
        ["int32"] = "i32",
        ["int16"] = "i16",
        ["int8"] = "i8",
        ["uint8"] = "u8",
        ["uint16"] = "u16",
        ["uint32"] = "u32",
        ["uint64"] = "u64",
        ["bool"] = "bool",
        ["complex64"] = "c64",
        ["float8_e4m3fn"] = "f8_e4m3",
        ["float8_e5m2"] = "f8_e5m2",
    };

    private static readonly HashSet<string> Others =
    [
        "collections.OrderedDict", "torch.Size", "torch.device", "torch.Tensor", "torch.nn.parameter.Parameter", "torch.storage.UntypedStorage",
        "torch.storage.TypedStorage", "torch.UntypedStorage", "torch._tensor._rebuild_from_type_v2", $"{Functions}._rebuild_tensor",
        $"{Functions}._rebuild_tensor_v2", $"{Functions}._rebuild_tensor_v3", $"{Functions}._rebuild_parameter", $"{Functions}._rebuild_parameter_with_state",
    ];

    /// <summary>The bytes of one number.</summary>
    public static int SizeOf(string type) => type switch
    {
        "bool" or "u8" or "i8" or "f8_e4m3" or "f8_e5m2" => 1,
        "i16" or "u16" or "f16" or "bf16" => 2,
        "i32" or "u32" or "f32" => 4,
        _ => 8,
    };

    /// <summary>A name, if it is one of those that are known.</summary>
    public static PickleGlobal Global(string file, string module, string name)
    {
        var global = new PickleGlobal(module, name);
        return (module == "torch" && Types.ContainsKey(name)) || Others.Contains(global.ToString())
            ? global
            : throw CheckpointException.PickleCalls(file, global.ToString());
    }

    /// <summary>A storage, from <c>("storage", type, key, location, count)</c>; where it was before it was saved says nothing.</summary>
    public static TorchStorage Persistent(PickleStack stack, object? id) =>
        id is object?[] and ["storage", PickleGlobal type, string key, _, long count, ..] && count >= 0
            ? new TorchStorage(key, Types.GetValueOrDefault(type.Name), count)
            : throw stack.Damaged("refers to something outside that is not a storage");

    /// <summary>What a function of the list returns.</summary>
    public static object? Call(PickleStack stack, PickleGlobal function, object?[] arguments) => (function.Name, arguments) switch
    {
        ("OrderedDict", []) => new PickleDictionary(),
        ("Size", [object?[] sizes]) => sizes,
        ("device", _) => null,
        ("_rebuild_tensor_v3", [TorchStorage storage, long offset, object?[] sizes, object?[] strides, _, _, PickleGlobal type, ..]) =>
            Tensor(stack, storage, Types.GetValueOrDefault(type.Name), offset, sizes, strides),
        ("_rebuild_tensor" or "_rebuild_tensor_v2", [TorchStorage storage, long offset, object?[] sizes, object?[] strides, ..]) =>
            Tensor(stack, storage, storage.TypeName, offset, sizes, strides),
        ("_rebuild_parameter" or "_rebuild_parameter_with_state", [TorchTensor tensor, ..]) => tensor,
        ("_rebuild_from_type_v2", [PickleGlobal { Name: "_rebuild_tensor_v2" or "_rebuild_tensor_v3" } inner, _, object?[] inside, ..]) => Call(stack, inner, inside),
        _ => throw stack.Damaged($"calls {CheckpointException.Quote(function.ToString())} with arguments that PyTorch does not write"),
    };

    private static TorchTensor Tensor(PickleStack stack, TorchStorage storage, string? type, long offset, object?[] sizes, object?[] strides)
    {
        if (type is null || offset < 0 || sizes.Length != strides.Length || !sizes.Concat(strides).All(number => number is long and >= 0))
            throw stack.Damaged("describes a tensor of impossible type, place or shape");
        stack.Spend(2 * sizeof(long) * sizes.Length);
        return new TorchTensor(storage, type, offset, [.. sizes.Cast<long>()], [.. strides.Cast<long>()]);
    }
}
