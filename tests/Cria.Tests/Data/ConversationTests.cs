using Cria.Data;
using Cria.Tests.Tokenizers;
using Cria.Tokenizers;

namespace Cria.Tests.Data;

public class ConversationTests
{
    private const string Tool = """{"name":"add","description":"Adds.","parameters":{"type":"object"}}""";

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":"c"}]}""", "User:ab Assistant:c")]
    [InlineData("""{"messages":[{"role":"developer","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"c"}]}""", "System:s User:q Assistant:c")]
    [InlineData("""{"conversations":[{"role":"user","content":"q"},{"role":"assistant","content":"c"}]}""", "User:q Assistant:c")]
    [InlineData("""{"messages":[{"from":"human","value":"q"},{"from":"gpt","value":"c"}]}""", "User:q Assistant:c")]
    [InlineData("""{"messages":"[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"c\"}]"}""", "User:q Assistant:c")]
    [InlineData("""{"conversations":[{"from":"human","value":"1+1"},{"from":"function_call","value":"{\"name\":\"add\",\"arguments\":{\"a\":1}}"},{"from":"observation","value":"2"},{"from":"gpt","value":"two"}]}""",
        """User:1+1 Assistant:add{"a":1} Tool:2 Assistant:two""")]
    [InlineData("""{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"add","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"c1","content":"2"}]}""",
        """User:q Assistant:add{"a":1}#c1 Tool:2@c1""")]
    [InlineData("""{"messages":[{"role":"user","content":"q"},{"role":"assistant","function_call":{"name":"add","arguments":{}}},{"role":"function","name":"add","content":{"sum":2}}]}""",
        """User:q Assistant:add{} Tool:{"sum":2}""")]
    [InlineData("""{"instruction":"q2","output":"a2","system":"s","history":[["q1","a1"]]}""", "System:s User:q1 Assistant:a1 User:q2 Assistant:a2")]
    public void A_conversation_is_read_whoever_wrote_it(string record, string expected)
    {
        Assert.Equal(expected, string.Join(' ', Read(record).Conversation.Messages.Select(Show)));
    }

    [Theory]
    [InlineData($$"""{"conversations":[],"tools":[{{Tool}}]}""")]
    [InlineData($$"""{"messages":[],"tools":[{"type":"function","function":{{Tool}}}]}""")]
    [InlineData("""{"messages":[],"tools":"[{\"name\":\"add\",\"description\":\"Adds.\",\"parameters\":{\"type\":\"object\"}}]"}""")]
    public void Tools_come_in_one_form(string record)
    {
        var tool = Assert.Single(Read(record).Conversation.Tools);

        Assert.Equal($$"""{"type":"function","function":{{Tool}}}""", tool.ToJsonString());
    }

    [Fact]
    public void An_answer_of_weight_0_is_not_learned()
    {
        Assert.Equal("<|begin_of_text|>qa<|end_of_text|>r⟦b<|end_of_text|>⟧", Rendered("""
            {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a","weight":0},{"role":"user","content":"r"},{"role":"assistant","content":"b","weight":1}]}
            """));
        Assert.Equal("<|begin_of_text|>q⟦a<|end_of_text|>⟧b<|end_of_text|>", Rendered("""
            {"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"assistant","content":"b","weight":0}]}
            """));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}""", "'content' has a part of type 'image_url', and only text can be learned.")]
    [InlineData("""{"messages":[{"role":"user","content":"<image>"}],"images":["a.jpg"]}""", "'images' names pictures, and only text can be learned.")]
    [InlineData("""{"messages":[{"role":"assistant","content":"a","weight":2}]}""", "'weight' must be 0 (not learned) or 1, found 2.")]
    [InlineData("""{"conversations":[{"from":"function_call","value":"add(1)"}]}""", "'value' of a function_call must be JSON, found 'add(1)'.")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":"{}"}}]}]}""", "'name' is missing; found arguments.")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"name":"add","arguments":{"a":1,"a":2}}]}]}""", "a tool, or a call of one, names a key twice or holds bytes that are no text.")]
    [InlineData("""{"conversations":[{"from":"boss","value":"Hi"}]}""", "'from' must be system, human, gpt, function_call, observation or tool, found 'boss'.")]
    public void What_cannot_be_read_says_why(string record, string expected)
    {
        Assert.Equal(expected, Assert.Throws<DataException>(() => Read(record)).Record!.Reason);
    }

    private static string Show(ChatMessage message) => $"{message.Role}:{message.Text}"
        + string.Concat(message.ToolCalls.Select(call => $"{call.Name}{call.Arguments.ToJsonString()}{(call.Id is { } id ? $"#{id}" : "")}"))
        + (message.ToolCallId is { } answered ? $"@{answered}" : "");

    private static ConversationContent Read(string record) => (ConversationContent)Each(record, null).Single().Content;

    private static string Rendered(string record)
    {
        var example = Each(record, ByteTokenizer.Create()).Single().Example!;
        return ByteTokenizer.Show(ByteTokenizer.Create(), new RenderedChat([.. example.Tokens], [.. example.Labels.Select(label => label != Example.Unsupervised)]));
    }

    private static List<ReadRecord> Each(string record, Tokenizer? tokenizer)
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("a.jsonl"), record);
        return [.. new RecordReader(new DataOptions(), ChatTemplate.None, tokenizer, 261).Read(folder.File("a.jsonl"), bad => throw bad, TestContext.Current.CancellationToken)];
    }
}
