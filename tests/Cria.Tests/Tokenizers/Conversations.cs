using System.Text.Json.Nodes;
using Cria.Tests.Templates;
using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

/// <summary>The conversations of tests/fixtures/templates, and what templates of real models made of them.</summary>
internal static class Conversations
{
    private static readonly string[] Known = ["messages", "tools", "add_generation_prompt"];

    public static IEnumerable<string> Names => Snippets.Read("conversations").Select(one => (string)one!["name"]!);

    /// <summary>A tokenizer of bytes with the special tokens of all generations.</summary>
    public static Tokenizer Bytes() => ByteTokenizer.Create(
        "<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>", "<|python_tag|>",
        "<|header_start|>", "<|header_end|>", "<|eot|>", "<|eom|>", "<|python_start|>", "<|python_end|>", "<|im_start|>", "<|im_end|>", "<think>");

    /// <summary>What a model's template writes; null where it refuses.</summary>
    public static string? Expected(string template, string name) =>
        (string?)Snippets.Read(template).Single(one => (string)one!["name"]! == name)!["expected"];

    public static JsonObject Given(string name) => Snippets.Read("conversations").Single(one => (string)one!["name"]! == name)!["given"]!.AsObject();

    public static ChatConversation Read(string name)
    {
        var given = Given(name);
        return new ChatConversation([.. given["messages"]!.AsArray().Select(message => Message(message!))])
        {
            Tools = [.. (given["tools"] as JsonArray ?? []).Select(tool => tool!)],
            Now = Snippets.Now,
            Variables = new JsonObject(given.Where(pair => !Known.Contains(pair.Key)).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))),
        };
    }

    private static ChatMessage Message(JsonNode message) => new((string)message["role"]! switch
    {
        "system" => ChatRole.System,
        "user" => ChatRole.User,
        "assistant" => ChatRole.Assistant,
        _ => ChatRole.Tool,
    }, (string)message["content"]!)
    {
        ToolCalls = [.. (message["tool_calls"] as JsonArray ?? []).Select(call => new ToolCall((string)call!["function"]!["name"]!, call["function"]!["arguments"]!.AsObject(), (string?)call["id"]))],
    };
}
