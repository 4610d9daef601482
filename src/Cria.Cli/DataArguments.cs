using System.CommandLine;
using Cria.Data;
using Cria.Tokenizers;

namespace Cria.Cli;

/// <summary>Files of records and how to read them, as options of a verb: the keys under <c>data:</c> of a recipe, without the recipe.</summary>
internal sealed class DataArguments
{
    public Argument<string[]> Files { get; } = new("FILE")
    {
        Description = "Records: .jsonl, .json, .csv, .tsv or .txt, each also as .gz or .zst, or .parquet.",
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<string?> Model { get; } = new("--model") { Description = "The model to train, whose tokenizer and template are used.", HelpName = "MODEL" };
    public Option<string?> Tokenizer { get; } = new("--tokenizer") { Description = "A tokenizer alone, where there is no model; --template names the template that goes with it.", HelpName = "FILE" };
    public Option<string> Format { get; } = new("--format") { Description = "As data.format of a recipe.", HelpName = "FORMAT", DefaultValueFactory = _ => "auto" };
    public Option<string> Template { get; } = new("--template") { Description = "As data.template of a recipe.", HelpName = "TEMPLATE", DefaultValueFactory = _ => "auto" };
    public Option<string[]> Columns { get; } = new("--column") { Description = "What the file calls a field, such as prompt=question. May be given several times.", HelpName = "FIELD=NAME" };
    public Option<int?> MaxLength { get; } = new("--max-length") { Description = "As data.max_length of a recipe.", HelpName = "N" };
    public Option<bool> TrainOnPrompt { get; } = new("--train-on-prompt") { Description = "As data.train_on_prompt of a recipe." };

    /// <summary>Adds them to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Add(Files);
        foreach (Option option in new Option[] { Model, Tokenizer, Format, Template, Columns, MaxLength, TrainOnPrompt })
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(Model) is not null && result.GetResult(Tokenizer) is not null)
                result.AddError("--model, --tokenizer: give one of them.");
        });
    }

    /// <summary>The settings, checked.</summary>
    /// <exception cref="OptionsException">Some cannot work: all of them are named.</exception>
    public DataOptions OptionsOf(ParseResult parsed)
    {
        var problems = new Problems();
        var columns = new Dictionary<string, string>();
        foreach (string typed in parsed.GetValue(Columns) ?? [])
        {
            string[] pair = typed.Split('=', 2);
            problems.Unless(pair.Length == 2 && columns.TryAdd(pair[0], pair[^1]), $"--column: expected FIELD=NAME, each field once, found '{typed}'.");
        }
        var options = new DataOptions
        {
            Train = new DataFiles(parsed.GetRequiredValue(Files)),
            Format = parsed.GetRequiredValue(Format),
            Template = parsed.GetRequiredValue(Template),
            Columns = columns,
            MaxLength = parsed.GetValue(MaxLength),
            TrainOnPrompt = parsed.GetValue(TrainOnPrompt),
        };
        options.Validate(problems);
        problems.ThrowIfAny();
        return options;
    }

    /// <summary>Opens what the model brings for text; nothing of its weights is read.</summary>
    public ModelForText Open(ParseResult parsed)
    {
        if (parsed.GetValue(Model) is { } model)
        {
            using var llama = ModelCache.Open(model, new LlamaOptions { Threads = 1 });
            return new(llama.HasTokenizer ? llama.Tokenizer : null, llama.Template, llama.Model.Config.VocabularySize, llama.Model.Config.ContextLength);
        }
        var tokenizer = parsed.GetValue(Tokenizer) is { } path ? Llama.LoadTokenizer(ModelCache.Resolve(path)) : null;
        return new(tokenizer, ChatTemplate.None, tokenizer?.VocabularySize ?? int.MaxValue, int.MaxValue);
    }
}

/// <summary>What a model brings for text.</summary>
internal sealed record ModelForText(Tokenizer? Tokenizer, ChatTemplate Template, int VocabularySize, int ContextLength);
