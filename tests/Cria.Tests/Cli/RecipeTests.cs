using Cria.Cli.Recipes;
using Cria.Peft;

namespace Cria.Tests.Cli;

public class RecipeTests
{
    private const string Least = "model: cria-tiny\nout: runs/x\ndata:\n  train: a.jsonl\n";

    [Fact]
    public void What_is_left_out_keeps_its_default()
    {
        var recipe = Read(Least);

        var lora = Assert.IsType<LoraOptions>(recipe.Peft);
        Assert.Equal((16, 32f, Targets.AllLinear), (lora.Rank, lora.Alpha, lora.Targets.Pattern));
        Assert.Equal(2e-4, recipe.Train.LearningRate);
        Assert.True(recipe.Data.Packing);
        Assert.Equal("keep", recipe.Base.Type);
        Assert.Null(recipe.Run.InitAdapter);
    }

    [Fact]
    public void Every_kind_of_value_is_read()
    {
        var recipe = Read(Least + """
              packing: false
              validation: 0.05
            peft:
              method: lora
              rank: 4
              targets: [q_proj, v_proj]
            base:
              type: nf4
            train:
              steps: 7
              learning_rate: 1e-3
              betas: [0.8, 0.95]
              warmup_steps:
            """);

        Assert.False(recipe.Data.Packing);
        Assert.Equal("0.05", recipe.Data.Validation);
        Assert.Equal(["q_proj", "v_proj"], ((LoraOptions)recipe.Peft).Targets.Names);
        Assert.Equal("nf4", recipe.Base.Type);
        Assert.Equal((7, 1e-3, (int?)null), (recipe.Train.Steps, recipe.Train.LearningRate, recipe.Train.WarmupSteps));
        Assert.Equal([0.8, 0.95], recipe.Train.Betas);
    }

    [Fact]
    public void Files_may_be_a_list_and_columns_have_names()
    {
        var recipe = Read("model: m\nout: o\ndata:\n  train: [a.csv, b.csv]\n  columns:\n    prompt: question\n    completion: Best Answer\n");
        var again = Read(recipe.ToYaml(), "data.columns={completion: answer}");

        Assert.Equal(["a.csv", "b.csv"], recipe.Data.Train.Paths);
        Assert.Equal("Best Answer", recipe.Data.Columns["completion"]);
        Assert.Contains("  train: [a.csv, b.csv]\n", recipe.ToYaml());
        Assert.Contains("  columns: {prompt: question, completion: 'Best Answer'}\n", recipe.ToYaml());
        Assert.Equal(["a.csv", "b.csv"], again.Data.Train.Paths);
        Assert.Equal("answer", Assert.Single(again.Data.Columns).Value);
    }

    [Fact]
    public void All_mistakes_are_told_at_once_and_each_starts_with_the_key()
    {
        var error = Assert.Throws<OptionsException>(() => Read(Least + """
              pakcing: true
            peft:
              rank: many
            train:
              learning_rate: 5
              batch_size: 10
              micro_batch_size: 4
            """, "train.stepz=3", "peft.alpha=-1"));

        Assert.Equal(
        [
            "pakcing: no such key. Did you mean data.packing? (recipe.yaml, line 5)",
            "rank: expected a whole number, found 'many'. (recipe.yaml, line 7)",
            "train.stepz: no such key. Did you mean train.steps? (command line)",
            "peft.alpha: must be a positive number, got -1. (command line)",
            "batch_size: 10 is not a multiple of micro_batch_size 4. (recipe.yaml, line 10)",
            "learning_rate: must lie between 0 and 1, got 5. (recipe.yaml, line 9)",
        ], error.Problems);
    }

    [Fact]
    public void A_value_of_the_wrong_kind_is_told_once()
    {
        var error = Assert.Throws<OptionsException>(() => Read(Least.Replace("runs/x", "[a, b]")));

        Assert.Equal("out: expected a text, found '[a, b]'. (recipe.yaml, line 2)", error.Message);
    }

    [Fact]
    public void A_key_in_the_wrong_section_is_told_where_it_stands()
    {
        var error = Assert.Throws<OptionsException>(() => Read(Least + "train:\n  rank: 4\n"));

        Assert.Equal(["rank: is not a key here; it stands under peft.rank. (recipe.yaml, line 6)"], error.Problems);

        error = Assert.Throws<OptionsException>(() => Read(Least + "base:\n  model: m\n"));

        Assert.Equal(["model: is not a key here; it stands at the top, under no other key. (recipe.yaml, line 6)"], error.Problems);
    }

    [Fact]
    public void An_unknown_method_names_those_that_exist()
    {
        var error = Assert.Throws<OptionsException>(() => Read(Least + "peft:\n  method: loraa\n"));

        Assert.StartsWith("method: 'loraa' is not one of lora, ", Assert.Single(error.Problems));
        Assert.Contains("Did you mean 'lora'?", error.Message);
    }

    [Theory]
    [InlineData("a: [1, 2", "recipe.yaml: is no YAML at line 2, column 1: ")]
    [InlineData("- a\n- b\n", "recipe.yaml: expected one YAML document of keys and values.")]
    [InlineData("", "recipe.yaml: expected one YAML document of keys and values.")]
    [InlineData("train: 3\n", "train: expected keys and values under it. (recipe.yaml, line 1)")]
    [InlineData("data:\n  train:\n    deep: 1\n", "train: expected a file or a list of files, found '{deep: 1}'. (recipe.yaml, line 3)")]
    [InlineData("a:\n  : b\n  c: d\n", "recipe.yaml: is no YAML.")]
    [InlineData("a: 1\na: 2\n", "recipe.yaml: is no YAML at line 2")]
    public void What_is_no_recipe_says_so(string yaml, string message)
    {
        var error = Assert.Throws<OptionsException>(() => Read(yaml));

        Assert.Contains(error.Problems, problem => problem.StartsWith(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("model: ", "[")]
    [InlineData("model: ", "{a: ")]
    [InlineData("", "- ")]
    public void What_is_nested_deeply_is_refused(string before, string level)
    {
        string deep = before + string.Concat(Enumerable.Repeat(level, 100_000));

        Assert.Equal("recipe.yaml: is no recipe; lists and keys stand more than 32 deep in each other.", Assert.Throws<OptionsException>(() => Read(deep)).Message);
    }

    [Fact]
    public void Aliases_of_aliases_cost_nothing()
    {
        string bomb = "a: &a [x, x]\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"b{i}: &b{i} [*{(i == 0 ? "a" : $"b{i - 1}")}, *{(i == 0 ? "a" : $"b{i - 1}")}]\n"));

        Assert.Throws<OptionsException>(() => Read(bomb));
    }

    [Fact]
    public void The_resolved_recipe_gives_the_same_run_again()
    {
        var first = Read(Least + "  validation: it's.jsonl\npeft:\n  rank: 4\n  targets: '.*\\.q_proj'\n", "train.betas=[0.8, 0.9]", "train.epsilon=1e-9");

        var second = Read(first.ToYaml());

        Assert.Equal(first.Settings.Select(setting => (setting.Path, setting.Value)), second.Settings.Select(setting => (setting.Path, setting.Value)));
        Assert.Equal("it's.jsonl", second.Data.Validation);
        Assert.Equal(1e-9, second.Train.Epsilon);
    }

    [Fact]
    public void Each_setting_knows_where_it_comes_from()
    {
        var recipe = Read(Least, "train.seed=9");

        string Origin(string path) => recipe.Settings.Single(setting => setting.Path == path).Origin;
        Assert.Equal(("recipe.yaml, line 1", "command line", "default"), (Origin("model"), Origin("train.seed"), Origin("train.keep")));
    }

    private static Recipe Read(string yaml, params string[] overrides) => RecipeReader.Read(file => file.Read(yaml, "recipe.yaml"), overrides);
}
