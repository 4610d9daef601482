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
        var memory = new Columns();
        var plan = Plan();
        long weights = plan.WeightBytes(session.Llama.Checkpoint.Tensors.Values, BaseType);
        long beside = plan.BytesBesideBase(session.Recipe.Train.Recompute);
        memory.Add("base", Bytes.Text(weights));
        memory.Add("trained tensors, gradients, optimizer", Bytes.Text(plan.StateBytes));
        memory.Add("activations, at most", Bytes.Text(beside - plan.StateBytes));
        memory.Add("all", Bytes.Text(weights + beside));
        memory.Write(to);

        to.WriteLine();
        to.WriteLine(session.Data.Report.ToString());
        if (session.Data.Report.Warning is { } warning)
            to.WriteLine(warning);
        var text = new MaskedText(session.Llama.HasTokenizer ? session.Llama.Tokenizer : null, colour);
        to.WriteLine($"The first sample; {text.Legend}:");
        to.WriteLine(text.Of(session.Data.Train[0].Examples[0], MostTokensShown));
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
