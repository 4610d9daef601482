using System.Text.Json.Nodes;
using Cria.Cli;
using Cria.Tests.EndToEnd;

namespace Cria.Tests.Cli;

/// <summary><c>cria chat</c> with questions from stdin.</summary>
public class ChatVerbTests
{
    private const string Turns = "{{ bos_token }}{% for m in messages %}<{{ m.role }}> {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

    [Fact]
    public async Task Each_line_is_answered_and_only_what_is_new_is_read()
    {
        using var folder = RunVerbTests.TinyWith(Turns);

        var chat = await Chat(folder.Path, "Hello there, who are you?\n\nAnd who else is there?\nWho?\n", "--json", "--max-tokens", "8");

        var answers = Answers(chat);
        Assert.Equal(3, answers.Count);
        Assert.Equal((int)answers[0]["prompt_tokens"]!, (int)answers[0]["tokens_read"]!);
        for (int i = 1; i < 3; i++)
            Assert.InRange((int)answers[i]["tokens_read"]!, 1, (int)answers[i]["prompt_tokens"]! - (int)answers[i - 1]["prompt_tokens"]!);
    }

    [Fact]
    public async Task Answers_are_those_of_run_over_the_whole_conversation()
    {
        using var folder = RunVerbTests.TinyWith(Turns);
        string file = folder.File("saved.json");

        var chat = await Chat(folder.Path, $"One.\nTwo.\n/save {file}\n", "--max-tokens", "8", "--system", "Be brief.");

        var messages = JsonNode.Parse(File.ReadAllText(file))!["messages"]!.AsArray();
        Assert.Equal(["system", "user", "assistant", "user", "assistant"], messages.Select(message => (string)message!["role"]!));
        Assert.Equal($"{messages[2]!["content"]}\n{messages[4]!["content"]}\n", chat.Out);
        string prompt = $"<system> Be brief.\n<user> One.\n<assistant> {messages[2]!["content"]}\n<user> Two.\n<assistant>";
        var run = await Command.SucceedAsync("run", folder.Path, prompt, "--raw", "--max-tokens", "8");
        Assert.Equal($"{messages[4]!["content"]}\n", run.Out);
    }

    [Fact]
    public async Task A_conversation_is_saved_loaded_and_cleared()
    {
        using var folder = RunVerbTests.TinyWith(Turns);
        string one = folder.File("one.json"), two = folder.File("two.json"), three = folder.File("three.json");

        var chat = await Chat(folder.Path, $"/system You count.\nOne.\n/save {one}\n/clear\n/save {two}\n/load {one}\n/system\n/system none\n/save {three}\n/load nowhere.json\n/load {folder.File("config.json")}\n", "--max-tokens", "4");

        static int Count(string file) => JsonNode.Parse(File.ReadAllText(file))!["messages"]!.AsArray().Count;
        Assert.Equal((3, 1, 2), (Count(one), Count(two), Count(three)));
        Assert.Contains("You count.\n", chat.Error);
        Assert.Contains("nowhere.json: there is no such file.\n", chat.Error);
        Assert.Contains("config.json: expected a conversation as /save writes it", chat.Error);
    }

    [Fact]
    public async Task Three_quotation_marks_hold_several_lines_together()
    {
        using var folder = RunVerbTests.TinyWith(Turns);
        string file = folder.File("saved.json");

        await Chat(folder.Path, $"\"\"\"One\n  two\nthree\"\"\"\n/system \"\"\"a\nb\"\"\"\n\"\"\"four\"\"\"\n/save {file}\n", "--max-tokens", "2");

        var texts = JsonNode.Parse(File.ReadAllText(file))!["messages"]!.AsArray().Select(message => (string)message!["content"]!).ToList();
        Assert.Equal(("a\nb", "One\n  two\nthree", "four"), (texts[0], texts[1], texts[3]));
    }

    [Fact]
    public async Task Settings_are_shown_changed_and_checked()
    {
        var chat = await Chat("cria-tiny", "/set temp 0.5\n/set stop the end\n/set\n/set temp -1\n/set top-k many\n/set tempp 1\n/frob\n/hlep\n/help\n/bye\nnever asked\n");

        Assert.Equal("", chat.Out);
        Assert.Contains("temp 0.5\n", chat.Error);
        Assert.Contains("stop the end\n", chat.Error);
        Assert.Contains("temp: must be 0 or more, got -1.\n", chat.Error);
        Assert.Contains("top-k: must be a number, got 'many'.\n", chat.Error);
        Assert.Contains("'tempp' is not one of max-tokens, temp,", chat.Error);
        Assert.Contains("/frob: there is no such command. /help lists them.\n", chat.Error);
        Assert.Contains("/hlep: there is no such command. Did you mean /help?\n", chat.Error);
        Assert.Contains("/adapter  PATH[:SCALE]: attach an adapter", chat.Error);
    }

    [Fact]
    public async Task The_oldest_turns_are_left_out_when_the_context_is_full_and_that_is_said()
    {
        using var folder = RunVerbTests.TinyWith(Turns);

        var chat = await Chat(folder.Path, string.Concat(Enumerable.Repeat("Tell me of the girl and the dog.\n", 8)), "--json", "--context", "96", "--max-tokens", "10");

        var answers = Answers(chat);
        Assert.Equal(8, answers.Count);
        Assert.All(answers, answer => Assert.InRange((int)answer["prompt_tokens"]! + (int)answer["tokens"]!, 1, 96));
        Assert.Contains("The context of 96 tokens is full: the oldest 2 messages are left out from here on.\n", chat.Error);
    }

    [Fact]
    public async Task A_question_too_long_for_the_context_is_taken_back()
    {
        var chat = await Chat("cria-tiny", $"{string.Concat(Enumerable.Repeat("word ", 200))}\nHi.\n", "--json", "--context", "64", "--max-tokens", "4");

        Assert.Contains("cria-tiny takes 64 in all.\n", chat.Error);
        Assert.InRange((int)Assert.Single(Answers(chat))["prompt_tokens"]!, 1, 10);
    }

    [Fact]
    public async Task Adapters_come_and_go_within_a_conversation()
    {
        using var run = new TrainingRun().Lines(Enumerable.Repeat("""{"instruction":"Say ho.","input":"","output":"ho"}""", 4).ToArray()).With("");
        File.WriteAllText(run.Recipe, $"model: cria-tiny\nout: {run.Path("run")}\ndata:\n  train: {run.Records}\npeft:\n  rank: 4\ntrain:\n  steps: 30\n  batch_size: 1\n  micro_batch_size: 1\n  learning_rate: 1e-2\n");
        await Command.SucceedAsync("train", run.Recipe);

        var chat = await Chat("cria-tiny", $"Say ho.\n/clear\n/adapter {run.Path("run")}\n/adapter\nSay ho.\n/clear\n/adapter off\n/adapter\nSay ho.\n/adapter nowhere\n", "--json", "--max-tokens", "6");

        var texts = Answers(chat).Select(answer => (string)answer["text"]!).ToList();
        Assert.Equal((texts[2], "ho"), (texts[0], texts[1]));
        Assert.NotEqual(texts[0], texts[1]);
        Assert.Contains($"{run.Path("run")}\nThere is no adapter.\n", chat.Error);
        Assert.Contains("nowhere", chat.Error);
    }

    [Fact]
    public async Task A_model_that_refuses_a_question_says_why_and_goes_on()
    {
        using var folder = RunVerbTests.TinyWith("{% if messages[0].role == 'system' %}{{ raise_exception('No system messages.') }}{% endif %}{{ bos_token }}{{ messages[-1].content }}");

        var chat = await Chat(folder.Path, "One.\n/system none\nTwo.\n", "--json", "--max-tokens", "4", "--system", "S");

        Assert.Contains("the template refuses: No system messages.\n", chat.Error);
        Assert.Single(Answers(chat));
    }

    [Fact]
    public async Task An_interrupt_stops_the_answer_and_the_next_question_is_answered()
    {
        using var output = new Interrupting();
        using var error = new StringWriter();
        var terminal = new Terminal(new StringReader("Once upon a time\nAnd then?\n"), output, error) { Typed = true };
        output.Interrupt = () => terminal.Interrupted!();

        int code = await CommandLine.RunAsync(["chat", "cria-tiny", "--max-tokens", "20", "-v"], terminal, TestContext.Current.CancellationToken);

        Assert.Equal(0, code);
        Assert.Matches(@"\d+ prompt tokens, \d+ of them new, [1-3] tokens in ", error.ToString());
        Assert.Equal(2, error.ToString().Split(" of them new, ").Length - 1);
    }

    private static Task<Command> Chat(string model, string input, params string[] options) =>
        Command.RunAsync(input, ["chat", model, .. options], TestContext.Current.CancellationToken);

    private static List<JsonNode> Answers(Command chat) => [.. chat.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];

    /// <summary>Presses Ctrl-C at the first piece of text.</summary>
    private sealed class Interrupting : StringWriter
    {
        public Func<bool>? Interrupt { get; set; }

        public override void Flush()
        {
            Interrupt?.Invoke();
            Interrupt = null;
        }
    }
}
