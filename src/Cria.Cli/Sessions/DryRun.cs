using System.Text.Json.Nodes;
using Cria.Cli.Display;
using Cria.Data;
using Cria.Planning;
using Cria.Tensors;

namespace Cria.Cli.Sessions;

/// <summary>What <c>cria train --dry-run</c> tells: settings with their origins, memory, and what the first sample teaches.</summary>
internal sealed class DryRun(TrainingSession session, bool colour)
{
    private const int MostTokensShown = 400;

    public void Write(TextWriter to)
    {
        var settings = new Columns();
        foreach (var setting in session.Recipe.Settings)
            settings.Add(setting.Path, $"{setting.Value}  ({setting.Origin})");
        settings.Write(to);

        to.WriteLine();
        var (memory, columns) = (Memory(), new Columns());
        columns.Add("base", Bytes.Text(memory.Base));
        columns.Add("trained tensors, gradients, optimizer", Bytes.Text(memory.State));
        columns.Add("activations, at most", Bytes.Text(memory.Activations));
        columns.Add("all", Bytes.Text(memory.All));
        columns.Write(to);

        to.WriteLine();
        to.WriteLine(session.Data.Report.ToString());
        if (session.Data.Report.Warning is { } warning)
            to.WriteLine(warning);
        var text = new MaskedText(session.Llama.HasTokenizer ? session.Llama.Tokenizer : null, colour);
        to.WriteLine($"The first sample; {text.Legend}:");
        to.WriteLine(text.Of(FirstSample, MostTokensShown));
    }

    public JsonObject AsJson()
    {
        var (memory, data, sample) = (Memory(), session.Data.Report, FirstSample);
        return new JsonObject
        {
            ["settings"] = new JsonObject(session.Recipe.Settings.Select(setting =>
                KeyValuePair.Create(setting.Path, (JsonNode?)new JsonObject { ["value"] = setting.Value, ["origin"] = setting.Origin }))),
            ["trained_parameters"] = session.Adapter.TrainedCount,
            ["memory"] = new JsonObject
            {
                ["base_bytes"] = memory.Base,
                ["state_bytes"] = memory.State,
                ["activation_bytes"] = memory.Activations,
                ["total_bytes"] = memory.All,
            },
            ["data"] = new JsonObject
            {
                ["records"] = data.Records,
                ["examples"] = data.Examples,
                ["tokens"] = data.Tokens,
                ["supervised_tokens"] = data.SupervisedTokens,
                ["longest"] = data.Longest,
                ["max_length"] = data.MaxLength,
                ["warning"] = data.Warning,
            },
            ["sample"] = new JsonObject
            {
                ["input_ids"] = JsonAnswer.Array(sample.Tokens, token => token),
                ["labels"] = JsonAnswer.Array(sample.Labels, label => label),
            },
        };
    }

    private Example FirstSample => session.Data.Train[0].Examples[0];

    private (long Base, long State, long Activations, long All) Memory()
    {
        var plan = Plan();
        long weights = plan.WeightBytes(session.Llama.Checkpoint.Tensors.Values, BaseType);
        long beside = plan.BytesBesideBase(session.Recipe.Train.Recompute);
        return (weights, plan.StateBytes, beside - plan.StateBytes, weights + beside);
    }

    private DataType? BaseType => session.Recipe.Base.Type == Recipes.BaseOptions.Keep ? null : DataType.Parse(session.Recipe.Base.Type);

    // The micro-batch with the most tokens that there can be.
    private MethodPlan Plan()
    {
        var train = session.Recipe.Train;
        var largest = new MicroBatch(session.Data.Longest(train.MicroBatchSize));
        return new Planner(session.Llama.Model.Config, train).Plan(session.Recipe.Peft, largest.Lengths, largest.SupervisedTokens);
    }
}
