using System.Text.Json.Nodes;

namespace Cria.Tokenizers;

/// <summary>A tool that a model asks to be called.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">Its arguments by name; data, like the text of a message.</param>
/// <param name="Id">What ties the tool's answer to this call, where the data has such a thing.</param>
public sealed record ToolCall(string Name, JsonObject Arguments, string? Id = null);
