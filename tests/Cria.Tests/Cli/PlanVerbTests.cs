using System.Text.Json.Nodes;
using Cria.Models;
using Cria.Peft;

namespace Cria.Tests.Cli;

public class PlanVerbTests
{
    [Fact]
    public async Task Every_shape_is_planned_with_every_method_and_the_largest_too()
    {
        var run = await Command.SucceedAsync("plan", "--shape", "all", "--json", "--gflops", "100");

        var plans = run.Json["plans"]!.AsArray();
        Assert.Equal(NamedShapes.All.Keys.Concat(NamedShapes.Counted.Keys), plans.Select(plan => (string)plan!["name"]!));
        var largest = plans.Single(plan => (string)plan!["name"]! == "llama-3.1-405b")!;
        Assert.Equal(MethodPreset.All().Select(preset => preset.Name).Order(), largest["methods"]!.AsArray().Select(method => (string)method!["name"]!).Order());
        Assert.Equal(405_853_388_800, (long)largest["parameters"]!);
        Assert.Equal(2 * 405_853_388_800, (long)largest["weight_bytes"]!["bf16"]!);
    }

    [Fact]
    public async Task A_table_is_sorted_by_what_is_trained_and_no_wider_than_100_columns()
    {
        var run = await Command.SucceedAsync("plan", "--shape", "llama-3.1-405b,llama-3.1-8b,llama-1.1b,llama-110m", "--card", "80GB", "--gflops", "100");

        Assert.All(run.Out.Split('\n'), line => Assert.True(line.Length <= 130 && (line.Contains(' ') || line.Length == 0), line));
        var rows = run.Out.Split('\n').Where(line => line.StartsWith("norms ", StringComparison.Ordinal) || line.StartsWith("full ", StringComparison.Ordinal)).ToList();
        Assert.Equal(8, rows.Count);
        Assert.All(rows, row => Assert.True(row.Length <= 100, row));
        Assert.True(run.Out.IndexOf("norms ", StringComparison.Ordinal) < run.Out.IndexOf("full ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_is_planned_as_it_is_stored()
    {
        string model = TestData.Fixture("golden/llama2-gqa");

        var run = await Command.SucceedAsync("plan", model, "--method", "lora,norms", "--rank", "4", "--length", "32", "--json", "--gflops", "100");

        var plan = run.Json["plans"]![0]!;
        long weights = new FileInfo(Path.Combine(model, "model.safetensors")).Length;
        Assert.Equal(["norms", "lora"], plan["methods"]!.AsArray().Select(method => (string)method!["name"]!));
        Assert.InRange((long)plan["methods"]![1]!["base_bytes"]!["stored"]!, weights * 9 / 10, weights);
    }

    [Fact]
    public async Task A_step_takes_its_operations_at_the_speed_given_and_more_with_recomputation()
    {
        string[] plan = ["plan", "--shape", "llama-1.1b", "--method", "lora", "--batch", "4", "--length", "128", "--gflops", "100", "--json"];

        var kept = (await Command.SucceedAsync(plan)).Json;
        var again = (await Command.SucceedAsync([.. plan, "--recompute"])).Json;

        var method = kept["plans"]![0]!["methods"]![0]!;
        double seconds = (double)method["step_seconds"]!, more = (double)again["plans"]![0]!["methods"]![0]!["step_seconds"]!;
        Assert.Equal(100e9, (double)kept["flop_per_second"]!);
        Assert.Equal(4 * 128 * (double)method["flop_per_token"]! / 100e9, seconds, 1e-4 * seconds);
        Assert.InRange(more / seconds, 1.3, 1.6);
    }

    [Fact]
    public async Task A_table_tells_the_seconds_of_a_step_and_leaves_a_blank_between_any_two_columns()
    {
        var shape = await Command.SucceedAsync("plan", "--shape", "llama-110m", "--method", "lora,llama-adapter-v2-chat");
        var model = await Command.SucceedAsync("plan", TestData.Fixture("golden/llama2-gqa"), "--method", "lora", "--rank", "4", "--length", "32", "--gflops", "100");

        Assert.Matches(@"\nmethod +trained +share +file +sec +state +kept +again +bf16 +q8_0 +q4_0 +nf4 +nf4-dq\n", shape.Out);
        Assert.Matches(@"\nmethod +trained +share +file +sec +state +kept +again +as is +q8_0 +q4_0 +nf4 +nf4-dq\n", model.Out);
        Assert.Matches(@"\nsec +for a step, at [\d.,]+ GFLOP/s, half of what cpu reached just now;", shape.Out);
        Assert.Matches(@"\nsec +for a step, at 100 GFLOP/s, as given;", model.Out);
    }

    [Fact]
    public async Task A_card_says_what_fits_it()
    {
        var run = await Command.SucceedAsync("plan", "--shape", "llama-3.1-8b", "--method", "qlora,lora,full", "--card", "24GB", "--json", "--gflops", "100");

        var methods = run.Json["plans"]![0]!["methods"]!.AsArray();
        Assert.Equal("yes", (string)methods.Single(method => (string)method!["name"]! == "qlora")!["fits"]!["nf4-dq"]!);
        Assert.Equal("no", (string)methods.Single(method => (string)method!["name"]! == "full")!["fits"]!["bf16"]!);
        Assert.Null(methods.Single(method => (string)method!["name"]! == "full")!["fits"]!["nf4"]);
    }

    [Fact]
    public async Task All_mistakes_are_told_at_once()
    {
        var run = await Command.RunAsync("plan", "cria-tiny", "--shape", "llama-3.1-8", "--method", "exciter", "--batch", "5", "--micro-batch", "2", "--card", "big", "--type", "q9", "--length", "0");

        Assert.Equal(2, run.ExitCode);
        string[] lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(7, lines.Length);
        Assert.Equal("MODEL, --shape: give one of them.", lines[0]);
        Assert.EndsWith("Did you mean 'llama-3.1-8b'?", lines[1]);
        Assert.EndsWith("Did you mean 'excitor'?", lines[2]);
        Assert.Equal("--batch: 5 is not a multiple of --micro-batch 2.", lines[3]);
        Assert.Equal("--length: must be 1 or more, got 0.", lines[4]);
        Assert.StartsWith("--type: 'q9' is not one of f32,", lines[5]);
        Assert.Equal("--card: expected a size such as 24GB or 80GiB, got 'big'.", lines[6]);
    }

    [Theory]
    [InlineData("--shape llama-4-behemoth", "never published", "published neither weights nor sizes")]
    [InlineData("--shape llama-4-scout --method lora", "counted only", "dense decoders")]
    [InlineData("--shape llama-2-7b --method norms --rank 4", "--rank", "norms has no rank")]
    [InlineData("--shape llama-2-7b --length 5000", "--length", "longer than the context of llama-2-7b, 4096 tokens")]
    [InlineData("", "MODEL", "name a model, or a shape")]
    [InlineData("--shape llama-110m --method lora --rank 800", "rank: 800", "its weight is 768 by 768")]
    public async Task What_cannot_be_planned_says_why(string typed, string thing, string why)
    {
        var run = await Command.RunAsync(["plan", .. typed.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal(2, run.ExitCode);
        if (typed.Contains("behemoth", StringComparison.Ordinal))
            thing = "llama-4-behemoth";
        Assert.Contains(thing, run.Error);
        Assert.Contains(why, run.Error);
    }

    [Fact]
    public async Task Llama_4_is_counted()
    {
        var run = await Command.SucceedAsync("plan", "--shape", "llama-4-scout");

        Assert.StartsWith("llama-4-scout: 107,769,861,120 parameters, 17,172,894,720 active for a token; 48 layers, 48 of them with 16 experts", run.Out);
    }
}
