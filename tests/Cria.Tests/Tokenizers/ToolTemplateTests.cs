using System.Text;
using System.Text.Json.Nodes;
using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

/// <summary>The built-in templates with tools, and the calls that models write.</summary>
public class ToolTemplateTests
{
    public static TheoryData<string, string> Cases => [.. from name in Conversations.Names from template in (string[])["llama3.1", "llama4"] where name != "custom tools" select (template, name)];

    [Theory, MemberData(nameof(Cases))]
    public void A_built_in_template_writes_what_the_models_own_writes(string template, string name)
    {
        var (tokenizer, conversation) = (Conversations.Bytes(), Conversations.Read(name));
        string? expected = Conversations.Expected(template, name);

        if (expected is null)
            Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(template)!.Render(tokenizer, conversation));
        else
            Assert.Equal(expected, tokenizer.Decode(ChatTemplate.Parse(template)!.Render(tokenizer, conversation).Tokens, skipSpecial: false));
    }

    [Theory]
    [InlineData("llama3.2")]
    [InlineData("llama3.3")]
    public void Tools_of_Llama_3_2_are_listed_in_the_system_message_and_called_as_in_Python(string template)
    {
        var tokenizer = Conversations.Bytes();

        var chat = ChatTemplate.Parse(template)!.Render(tokenizer, Conversations.Read("two tool calls"));

        string text = ByteTokenizer.Show(tokenizer, chat).Replace("<0xC3><0xA9>", "é").Replace("<0xE2><0x80><0x94>", "—");
        Assert.StartsWith("<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nYou are an expert in composing functions. You are given a question and a set of possible functions.\nBased", text);
        Assert.Contains("Here is a list of functions in JSON format that you can invoke.\n\n[\n    {\n        \"name\": \"get_weather\",\n", text);
        Assert.Contains("        \"parameters\": {\n            \"type\": \"dict\",\n            \"required\": [\n                \"city\"\n            ],\n            \"properties\": {\n", text);
        Assert.EndsWith("\n\n⟦[get_weather(city='Rome \"é\"', days=2), now()]<|eot_id|>⟧", text);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("alpaca")]
    [InlineData("llama2")]
    [InlineData("llama3")]
    public void A_template_without_a_place_for_tools_refuses_them(string template)
    {
        var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(template)!.Render(Conversations.Bytes(), Conversations.Read("tools in the question")));

        Assert.Equal($"the template {template} has no place for tools and calls of tools: choose llama3.1, llama3.2, llama3.3 or llama4.", error.Message);
    }

    [Theory]
    [InlineData("""{"name": "f", "parameters": {"a": 1, "b": "x"}}""", """f{"a":1,"b":"x"}""")]
    [InlineData("""<|python_tag|>{"type": "function", "name": "f", "parameters": {}}<|eom_id|>""", "f{}")]
    [InlineData("""{"type":"function","function":{"name":"f","arguments":"{\"a\": [1, 2.5]}"}}""", """f{"a":[1,2.5]}""")]
    [InlineData("""{"name":"f","parameters":{}}; {"name":"g","parameters":{"x":null}}""", """f{} g{"x":null}""")]
    [InlineData("""<|python_start|><|python_end|>{"name": "f", "parameters": {}}{"name": "g", "parameters": {}}<|eot|>""", "f{} g{}")]
    [InlineData("""[{"name":"f","arguments":{"a":true}}]""", """f{"a":true}""")]
    [InlineData("""<function=f>{"n": 10}</function>""", """f{"n":10}""")]
    [InlineData("""I will look. <function=f>{"n": "a>b"}</function><function=g>{}</function>""", """f{"n":"a\u003Eb"} g{}""")]
    [InlineData("[f(a=1, b='it\\'s', c=[1, -2.5, None], d={'k': True}), g.h()]", """f{"a":1,"b":"it\u0027s","c":[1,-2.5,null],"d":{"k":true}} g.h{}""")]
    [InlineData("[get_weather(city=\"San Francisco\")]<|eot_id|>", """get_weather{"city":"San Francisco"}""")]
    [InlineData("<|python_tag|>brave_search.call(query=\"gold\")<|eom_id|>", """brave_search{"query":"gold"}""")]
    [InlineData("It is warm in Rome.", "")]
    [InlineData("[1, 2]", "")]
    [InlineData("[f(1)]", "")]
    [InlineData("[f(a=g())]", "")]
    [InlineData("[f(a=1)", "")]
    [InlineData("""{"city": "Rome"}""", "")]
    [InlineData("""{"name": "f", "parameters": {"a": 1, "a": 2}}""", "")]
    [InlineData("""{"name": "\ud800", "parameters": {}}""", "")]
    [InlineData("""{"name": "f", "parameters": {"a": "\ud800"}}""", "")]
    [InlineData("""{"name": "f", "param\ud800": {}}""", "")]
    [InlineData("<function=f>{</function>", "")]
    [InlineData("", "")]
    public void Calls_are_read_in_every_form(string answer, string expected)
    {
        var calls = ToolCalls.Read(answer);

        Assert.Equal(expected, string.Join(' ', calls.Select(call => call.Name + call.Arguments.ToJsonString())));
    }

    [Fact]
    public void What_a_template_writes_is_read_back()
    {
        var call = new ToolCall("f", new JsonObject { ["a"] = "it's \"é\"\n", ["b"] = new JsonArray(1, 2.5, true, null), ["c"] = new JsonObject { ["d"] = "\\" } });

        foreach (string text in new[] { PythonicCalls.Write([call]), ToolText.Call(call) })
            Assert.Equal(call.Arguments.ToJsonString(), Assert.Single(ToolCalls.Read(text)).Arguments.ToJsonString());
    }

    [Fact]
    public void Damaged_calls_are_no_crash()
    {
        byte[] whole = Encoding.UTF8.GetBytes("""[f(a=1, b='x', c=[1, {'y': None}])] <function=f>{"a": 1}</function> {"name": "f", "parameters": {"a": [1, 2, {"b": "c"}]}}""");

        foreach (int part in new[] { 0, 35, 68 })
            Damage.Try<ChatTemplateException>(whole[part..], times: 300, seed: part, bytes => ToolCalls.Read(Encoding.UTF8.GetString(bytes)));
    }
}
