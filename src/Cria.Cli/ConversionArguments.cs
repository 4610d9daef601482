using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using Cria.Cli.Display;
using Cria.Conversion;

namespace Cria.Cli;

/// <summary>What every verb that writes a model has in common: where to, in which type, and what it tells in the end.</summary>
internal sealed class ConversionArguments(Terminal terminal, GlobalOptions globals, bool typeIsRequired = false)
{
    public Option<string> Out { get; } = new("--out") { Description = "What to write: a file that ends in .gguf, else a Hugging Face folder.", HelpName = "OUT", Required = true };

    public Option<string> Type { get; } = new("--type")
    {
        Description = $"How matrices are stored: {string.Join(", ", TypeMix.Names)}.",
        HelpName = "TYPE",
        Required = typeIsRequired,
        DefaultValueFactory = typeIsRequired ? null : _ => TypeMix.Keep,
    };

    public Option<string?> MaxShardSize { get; } = new("--max-shard-size") { Description = "The most bytes of a safetensors file: 5GB, 500MB. [default: 5GB]", HelpName = "SIZE" };

    public Option<bool> Force { get; } = new("--force") { Description = "Replace what is there already." };

    public Option<string?> Json { get; } = JsonAnswer.Option();

    public IEnumerable<Option> All => [Out, Type, MaxShardSize, Force, Json];

    public ConversionOptions Options(ParseResult parsed, IProgress<ConversionProgress> progress)
    {
        var options = new ConversionOptions
        {
            Type = parsed.GetValue(Type) ?? TypeMix.Keep,
            Force = parsed.GetValue(Force),
            Threads = globals.ThreadsOf(parsed),
            Progress = progress,
        };
        return parsed.GetValue(MaxShardSize) is { } size ? options with { MaxShardBytes = Size(size) ?? 0 } : options;
    }

    /// <summary>Everything that is wrong with the options, told together with what the parser found.</summary>
    public void Validate(CommandResult result)
    {
        var problems = new Problems();
        string type = result.GetValue(Type) ?? TypeMix.Keep;
        if (result.GetValue(MaxShardSize) is { } size)
            problems.Unless(Size(size) > 0, $"--max-shard-size: '{size}' is not a size such as 5GB, 500MB or 1000000.");
        if (result.GetValue(Out) is { } target)
            ModelConverter.Check(target, new ConversionOptions { Type = type, Force = result.GetValue(Force) }, problems);
        foreach (string problem in problems.Found)
            result.AddError(problem);
    }

    /// <summary>Runs something that writes a model, under a display.</summary>
    public T Run<T>(ParseResult parsed, Func<ConversionOptions, T> convert)
    {
        globals.SayProcessorOnly(parsed, terminal);
        var display = new ConversionDisplay(terminal);
        try
        {
            return convert(Options(parsed, display));
        }
        finally
        {
            display.End();
        }
    }

    /// <summary>Tells what was written, and what else there is to say.</summary>
    public void Write(ConversionReport report, ParseResult parsed, JsonObject more)
    {
        if (JsonAnswer.IsAsked(parsed, Json))
        {
            var answer = AsJson(report);
            foreach (var (key, value) in more)
                answer[key] = value?.DeepClone();
            JsonAnswer.Write(answer, parsed, Json, terminal);
            return;
        }
        var columns = new Columns();
        columns.Add("written", report.Out);
        columns.Add("bytes", $"{Bytes.Text(report.BytesIn)} read, {Bytes.Text(report.BytesOut)} written");
        columns.Add("types", string.Join('\n', report.Types.Select(Line)));
        foreach (var (key, value) in more)
            columns.Add(key.Replace('_', ' '), value is JsonValue number && number.TryGetValue(out double n) ? $"{n:F4}" : $"{value}");
        columns.Write(terminal.Out);
    }

    private static string Line(WrittenType type) =>
        $"{type.Type,-7}{type.Tensors,5} tensors  {type.Numbers / 1e6,9:F2} M numbers  {Bytes.Text(type.Bytes),8}  error {type.Error:P3}";

    private static JsonObject AsJson(ConversionReport report) => new()
    {
        ["out"] = report.Out,
        ["bytes_in"] = report.BytesIn,
        ["bytes_out"] = report.BytesOut,
        ["types"] = JsonAnswer.Array(report.Types, type => new JsonObject
        {
            ["type"] = type.Type,
            ["tensors"] = type.Tensors,
            ["numbers"] = type.Numbers,
            ["bytes"] = type.Bytes,
            ["error"] = type.Error,
        }),
    };

    /// <summary>Bytes of <c>5GB</c>, <c>500 MB</c> or a plain number; powers of ten, as Hugging Face counts. Null for anything else.</summary>
    internal static long? Size(string text)
    {
        var units = new (string Name, double Bytes)[] { ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("", 1) };
        var (name, bytes) = units.First(unit => text.EndsWith(unit.Name, StringComparison.OrdinalIgnoreCase));
        return double.TryParse(text[..^name.Length], NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out double number)
            && number * bytes is >= 1 and < long.MaxValue
            ? (long)(number * bytes)
            : null;
    }
}
