namespace Cria.Checkpoints;

/// <summary>The keys and values at the head of a GGUF file. A getter gives null for a key that is absent.</summary>
public sealed class GgufMetadata
{
    private readonly string file;
    private GgufReader? source;
    private readonly List<string> keys = [];
    private readonly Dictionary<string, GgufValue> values = [];

    internal GgufMetadata(string file, GgufReader reader, int count)
    {
        (this.file, source) = (file, reader);
        for (int i = 0; i < count; i++)
        {
            string key = reader.Text("a metadata key");
            var value = reader.Skip((GgufValueType)reader.U32(key), key);
            if (!values.TryAdd(key, value))
                throw CheckpointException.GgufKeyTwice(file, key);
            keys.Add(key);
        }
    }

    /// <summary>All keys, in the order of the file.</summary>
    public IReadOnlyList<string> Keys => keys;

    /// <summary>Whether there is such a key.</summary>
    public bool Contains(string key) => values.ContainsKey(key);

    /// <summary>A text.</summary>
    /// <exception cref="CheckpointException">The value is of another type; so it is for all getters.</exception>
    public string? GetText(string key) =>
        Find(key, "a text", value => !value.IsArray && value.Element == GgufValueType.Text) is { } value ? Text(value, key) : null;

    /// <summary>A whole number.</summary>
    public long? GetInteger(string key) =>
        Find(key, "a whole number", value => !value.IsArray && IsInteger(value)) is { } value ? Integer(value, key) : null;

    /// <summary>A number, whole or not.</summary>
    public double? GetNumber(string key) =>
        Find(key, "a number", value => !value.IsArray && (IsInteger(value) || IsFloat(value))) is { } value ? Number(value, key) : null;

    /// <summary>Yes or no.</summary>
    public bool? GetFlag(string key) =>
        Find(key, "a flag", value => !value.IsArray && value.Element == GgufValueType.Flag) is { } value ? Integer(value, key) != 0 : null;

    /// <summary>A list of texts, such as a vocabulary. Decoded anew at each call.</summary>
    public string[]? GetTexts(string key) =>
        Find(key, "a list of texts", value => value.IsArray && value.Element == GgufValueType.Text) is { } value
            ? List(value, reader => reader.Text(key))
            : null;

    /// <summary>A list of whole numbers. Decoded anew at each call.</summary>
    public long[]? GetIntegers(string key) =>
        Find(key, "a list of whole numbers", value => value.IsArray && IsInteger(value)) is { } value
            ? List(value, reader => reader.Integer(value.Element, key))
            : null;

    /// <summary>A list of numbers, whole or not. Decoded anew at each call.</summary>
    public float[]? GetNumbers(string key) =>
        Find(key, "a list of numbers", value => value.IsArray && (IsInteger(value) || IsFloat(value))) is { } value
            ? List(value, reader => (float)reader.Number(value.Element, key))
            : null;

    /// <summary>Any value as one line for a reader: lists and long texts are only counted.</summary>
    public string Describe(string key)
    {
        const int longest = 200;
        if (!values.TryGetValue(key, out var value))
            return "absent";
        if (value.IsArray)
            return value.ToString();
        if (value.Element == GgufValueType.Text)
            return Text(value, key) is { Length: <= longest } text ? text : $"a text of {Text(value, key).Length:N0} characters";
        return value.Element == GgufValueType.Flag ? (Integer(value, key) != 0 ? "true" : "false") : $"{Number(value, key)}";
    }

    /// <summary>What a value is, and its bytes: those of its elements where it is a list.</summary>
    internal (GgufValue Value, byte[] Bytes) Raw(string key)
    {
        var value = values[key];
        var reader = At(value);
        for (int i = 0; i < value.Count; i++)
            reader.Skip(value.Element, key);
        return (value, At(value).Bytes(checked((int)(reader.Position - value.Position)), key));
    }

    /// <summary>The file is unmapped from here on: reading it would end the process.</summary>
    internal void Close() => source = null;

    private static bool IsInteger(GgufValue value) =>
        value.Element is not (GgufValueType.F32 or GgufValueType.F64 or GgufValueType.Flag or GgufValueType.Text or GgufValueType.Array);

    private static bool IsFloat(GgufValue value) => value.Element is GgufValueType.F32 or GgufValueType.F64;

    private GgufValue? Find(string key, string expected, Predicate<GgufValue> fits)
    {
        if (!values.TryGetValue(key, out var value))
            return null;
        return fits(value) ? value : throw CheckpointException.GgufKeyType(file, key, expected, value);
    }

    private string Text(GgufValue value, string key) => At(value).Text(key);

    private long Integer(GgufValue value, string key) => At(value).Integer(value.Element, key);

    private double Number(GgufValue value, string key) => At(value).Number(value.Element, key);

    private T[] List<T>(GgufValue value, Func<GgufReader, T> read)
    {
        var reader = At(value);
        var all = new T[value.Count];
        for (int i = 0; i < all.Length; i++)
            all[i] = read(reader);
        return all;
    }

    private GgufReader At(GgufValue value) => (source ?? throw new ObjectDisposedException(file)).At(value.Position);
}
