using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using Cria.Cli.Display;
using Cria.Conversion;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Cli.Verbs;

/// <summary><c>cria bench [MODEL | --shape NAME --type T]</c>: the machine's limits and ours, as shares.</summary>
internal sealed class BenchVerb
{
    private const string DefaultShape = "llama-110m";
    private const string DefaultType = "q8_0";

    private readonly Argument<string?> model = new("MODEL") { Description = "A model to measure, instead of a named shape.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> shape = new("--shape") { Description = "A named shape with random weights.", HelpName = "NAME", DefaultValueFactory = _ => DefaultShape };
    private readonly Option<string> type = new("--type") { Description = $"How the random weights are stored: {TypeNames}.", HelpName = "TYPE", DefaultValueFactory = _ => DefaultType };
    private readonly Option<bool> train = new("--train") { Description = "Measure LoRA steps on every linear layer too." };
    private readonly Option<int> trainSequences = Count("--train-sequences", "Sequences of such a step.", 4, 1);
    private readonly Option<int> trainLength = Count("--train-length", "Tokens of each of them.", 256, 1);
    private readonly Option<int> trainRank = Count("--train-rank", "The rank of the LoRA.", 8, 1);
    private readonly Option<bool> recompute = new("--recompute") { Description = "Compute the layers a second time in the backward pass, to save memory." };
    private readonly Option<bool> hostActivations = new("--host-activations") { Description = "With --recompute on a card: what is kept of each layer waits in host memory." };
    private readonly Option<string> optimizer = new("--optimizer") { Description = $"Of training steps: {string.Join(", ", Benchmark.Optimizers)}.", HelpName = "NAME", DefaultValueFactory = _ => Benchmark.Optimizers[0] };
    private readonly Option<int> layers = Count("--layers", "Only so many layers of the shape; 0 takes all.", 0, 0);
    private readonly Option<bool> streamBase = ModelOptions.StreamOption();
    private readonly Option<string[]> methods = new("--method") { Description = $"Measure generating, and with --train training, with a fresh adapter too: {string.Join(", ", MethodPreset.All().Select(preset => preset.Name))}. Several with commas.", HelpName = "METHOD" };
    private readonly Option<int> prompt = Count("--prompt", "Prompt tokens that are read in one pass; 0 leaves the test out.", 512, 0);
    private readonly Option<int> generate = Count("--generate", "Tokens that are generated one by one; 0 leaves the test out.", 64, 0);
    private readonly Option<int> depth = Count("--depth", "Tokens that stand before those that are generated.", 0, 0);
    private readonly Option<int> sequences = Count("--sequences", "Sequences that are generated together.", 1, 1);
    private readonly Option<float> temperature = new("--temp") { Description = "Draw tokens at this temperature; 0 takes the most likely one.", HelpName = "T" };
    private readonly Option<int> topK = Count("--top-k", "Draw only from so many of the most likely; 0 from all.", 0, 0);
    private readonly CacheArgument cache = new();
    private readonly Option<int> repeat = Count("--repeat", "How often each test is measured.", 5, 1);
    private readonly Option<string?> save = new("--save") { Description = "Write the random weights of a named shape to a GGUF file, instead of measuring: for trying what a model of that size costs.", HelpName = "FILE" };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly GlobalOptions globals;
    private readonly Terminal terminal;

    private BenchVerb(Terminal terminal, GlobalOptions globals) => (this.terminal, this.globals) = (terminal, globals);

    private static string TypeNames => string.Join(", ", DataType.OfBases.Select(type => type.Name));

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new BenchVerb(terminal, globals);
        var command = new Command("bench", "The machine's limits, our speeds, and each as a share of its limit.")
        {
            verb.model, verb.shape, verb.type, verb.train, verb.trainSequences, verb.trainLength, verb.trainRank, verb.recompute, verb.hostActivations, verb.optimizer, verb.layers, verb.streamBase, verb.methods,
            verb.prompt, verb.generate, verb.depth, verb.sequences, verb.temperature, verb.topK, verb.cache.Option, verb.repeat, verb.save, verb.json,
        };
        command.Validators.Add(verb.Validate);
        command.SetAction((parsed, stop) => Task.FromResult(verb.Run(parsed, stop)));
        return command;
    }

    private void Validate(CommandResult result)
    {
        var problems = new Problems();
        if (result.GetValue(model) is not null && (Given(result, shape) || Given(result, type)))
            problems.Add("MODEL, --shape, --type: give a model, or a shape and a type.");
        if (result.GetValue(save) is { } file)
        {
            problems.Unless(result.GetValue(model) is null, "--save: writes a named shape; a model that is there is copied with cria convert.");
            problems.Unless(!File.Exists(file), $"--save: {file} is there already.");
            problems.Unless(DataType.Parse(result.GetValue(type) ?? DefaultType) != DataType.FP8, "--type: no file holds fp8; it is for measuring on a card.");
        }
        // Defaults are not filled in yet when a command is validated.
        string named = result.GetValue(shape) ?? DefaultShape;
        if (NamedShapes.Counted.ContainsKey(named))
            problems.Add($"--shape: {named} is counted only, by cria plan: this version computes dense decoders.");
        else
            problems.UnlessOneOf("--shape", named, [.. NamedShapes.All.Keys]);
        problems.UnlessOneOf("--optimizer", result.GetValue(optimizer) ?? Benchmark.Optimizers[0], [.. Benchmark.Optimizers]);
        problems.Unless(!result.GetValue(hostActivations) || result.GetValue(recompute), "--host-activations: only with --recompute is anything kept that could wait in host memory.");
        if (!float.IsFinite(result.GetValue(temperature)) || result.GetValue(temperature) < 0)
            problems.Add($"--temp: must be 0 or more, got {result.GetValue(temperature)}.");
        foreach (string name in Names(result.GetValue(methods)))
            problems.UnlessOneOf("--method", name, [.. MethodPreset.All().Select(preset => preset.Name)]);
        problems.UnlessOneOf("--type", result.GetValue(type) ?? DefaultType, [.. DataType.OfBases.Select(known => known.Name)]);
        foreach (string problem in problems.Found)
            result.AddError(problem);
    }

    private int Run(ParseResult parsed, CancellationToken stop)
    {
        if (parsed.GetValue(save) is { } file)
            return Save(file, parsed, stop);
        if (parsed.GetValue(model) is { } path)
        {
            using var llama = ModelCache.Open(path, new LlamaOptions { Device = globals.DeviceOf(parsed, terminal).Open, StreamBase = parsed.GetValue(streamBase) });
            return Run(llama.Model, llama.Name, parsed, stop);
        }
        using var device = globals.DeviceOf(parsed, terminal).Open();
        var config = NamedShapes.All[parsed.GetValue(shape)!];
        if (parsed.GetValue(layers) is > 0 and int some)
            config = config with { Layers = some };
        var stored = DataType.Parse(parsed.GetValue(type)!)!;
        if (!device.Stores(stored))
            throw new UsageException($"--type: {device.Name} cannot compute with {stored.Name}: that needs a card of compute capability 9.0 (--device cuda).");
        terminal.Error.WriteLine($"Making {config.ParameterCount / 1e6:F0} M random weights ...");
        using var weights = new RandomCheckpoint(config, device, stored, seed: 1);
        return Run(new LlamaModel(config, weights, device, streamed: parsed.GetValue(streamBase)), $"{parsed.GetValue(shape)}, {stored.Name}", parsed, stop);
    }

    private int Save(string file, ParseResult parsed, CancellationToken stop)
    {
        var display = new ConversionDisplay(terminal);
        long bytes = RandomModelFile.Write(file, NamedShapes.All[parsed.GetValue(shape)!], DataType.Parse(parsed.GetValue(type)!)!, display, stop);
        display.End();
        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(new JsonObject { ["out"] = file, ["bytes"] = bytes }, parsed, json, terminal);
        else
            terminal.Out.WriteLine($"{file}: {parsed.GetValue(shape)} of random {parsed.GetValue(type)}, {Bytes.Text(bytes)}");
        return ExitCode.Done;
    }

    private int Run(LlamaModel network, string name, ParseResult parsed, CancellationToken stop)
    {
        var problems = new Problems();
        new TrainingOptions { Optimizer = parsed.GetValue(optimizer)!, Recompute = true, HostActivations = parsed.GetValue(hostActivations) }.Validate(problems, network.Device);
        problems.ThrowIfAny();
        var options = new BenchmarkOptions
        {
            Prompt = parsed.GetValue(prompt),
            Generate = parsed.GetValue(generate),
            Depth = parsed.GetValue(depth),
            Sequences = parsed.GetValue(sequences),
            Sampling = new() { Temperature = parsed.GetValue(temperature), TopK = parsed.GetValue(topK) },
            Repeat = parsed.GetValue(repeat),
            Train = parsed.GetValue(train),
            TrainSequences = parsed.GetValue(trainSequences),
            TrainLength = parsed.GetValue(trainLength),
            TrainRank = parsed.GetValue(trainRank),
            Recompute = parsed.GetValue(recompute),
            HostActivations = parsed.GetValue(hostActivations),
            Optimizer = parsed.GetValue(optimizer)!,
            Methods = [.. Names(parsed.GetValue(methods)).Select(name => MethodPreset.All().First(preset => preset.Name == name))],
        };
        stop.ThrowIfCancellationRequested();     // making the weights takes a while
        network.CacheType = cache.Read(parsed) ?? network.CacheType;
        terminal.Error.WriteLine("Measuring the machine's limits ...");
        var limits = new List<BenchLimits> { BenchLimits.Measure(network.Device) };
        // By turns with the tests: what else runs on the machine slows both. A card is nobody else's, and may have no memory left.
        options.BeforeEach = network.Device == network.Device.Host ? () => limits.Add(BenchLimits.Measure(network.Device)) : null;
        var results = new List<BenchmarkResult>();
        foreach (var result in new Benchmark(network, options).Run(stop))
        {
            terminal.Error.WriteLine($"{result.Test} done: {result.Median:F1} tokens/s");
            results.Add(result);
        }
        limits.Add(BenchLimits.Measure(network.Device));
        var report = new BenchReport(name, limits[0].Median(limits), limits.Aggregate((best, one) => best.Better(one)), results);
        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(report.AsJson(), parsed, json, terminal);
        else
            report.Write(terminal.Out);
        return ExitCode.Done;
    }

    private static IEnumerable<string> Names(string[]? typed) => (typed ?? []).SelectMany(word => word.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static bool Given(CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    private static Option<int> Count(string name, string description, int value, int least) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => value,
        Validators = { result => GlobalOptions.AtLeast(result, least) },
    };
}
