using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Cria.Tests.Hub;

/// <summary>A hub with one model, <c>org/tiny</c>, and the other address where its large files lie.</summary>
internal sealed class TestHub : IDisposable
{
    public const string Model = "org/tiny";

    private readonly TestServer hub, store;

    public TestHub()
    {
        hub = new TestServer(question => Intercept?.Invoke(question) ?? Answer(question));
        store = new TestServer(question => InterceptStore?.Invoke(question) ?? Content(question, Files[Uri.UnescapeDataString(question.Path[1..])]));
    }

    public string Address => hub.Address;

    public string StoreAddress => store.Address;

    public string Commit { get; set; } = new('a', 40);

    /// <summary>The content of each file.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Names in the list that are not in <see cref="Files"/>.</summary>
    public List<string> AlsoListed { get; } = [];

    /// <summary>Whether the list tells lengths and hashes.</summary>
    public bool TellsHashes { get; set; } = true;

    /// <summary>Says something else than the hub would, or nothing, to let it speak.</summary>
    public Func<Question, Answer?>? Intercept { get; set; }

    /// <summary>The same for the large files.</summary>
    public Func<Question, Answer?>? InterceptStore { get; set; }

    public Question[] Questions => [.. hub.Questions];

    public Question[] StoreQuestions => [.. store.Questions];

    /// <summary>How often a file's content was asked for.</summary>
    public int Fetched(string file) => Questions.Count(question => question.Method == "GET" && question.Path.EndsWith($"/{file}", StringComparison.Ordinal));

    /// <summary>What the hub calls large: weights.</summary>
    public static bool IsLarge(string file) => file.EndsWith(".safetensors", StringComparison.Ordinal) || file.EndsWith(".gguf", StringComparison.Ordinal);

    [SuppressMessage("Security", "CA5350", Justification = "git's names are SHA-1.")]
    public static string HashOf(string file, byte[] content) =>
        Convert.ToHexStringLower(IsLarge(file) ? SHA256.HashData(content) : SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    /// <summary>The content, or the rest of it from where the question says.</summary>
    public static Answer Content(Question question, byte[] content, params (string, string)[] headers) => question.From == 0
        ? new Answer(200, content, headers)
        : new Answer(206, content[question.From..], [.. headers, ("Content-Range", $"bytes {question.From}-{content.Length - 1}/{content.Length}")]);

    public void Dispose()
    {
        hub.Dispose();
        store.Dispose();
    }

    private Answer Answer(Question question)
    {
        if (question.Path == $"/api/models/{Model}/revision/main" || question.Path == $"/api/models/{Model}/revision/{Commit}")
            return new Answer(200, Encoding.UTF8.GetBytes(Listing().ToJsonString()));
        string prefix = $"/{Model}/resolve/{Commit}/";
        string file = question.Path.StartsWith(prefix, StringComparison.Ordinal) ? Uri.UnescapeDataString(question.Path[prefix.Length..]) : "";
        if (!Files.TryGetValue(file, out byte[]? content))
            return Hub.Answer.Error(404, ("X-Error-Code", question.Path.StartsWith($"/api/models/{Model}/", StringComparison.Ordinal) ? "RevisionNotFound" : "RepoNotFound"));
        (string, string)[] about = [("X-Repo-Commit", Commit), (IsLarge(file) ? "X-Linked-Etag" : "ETag", $"\"{HashOf(file, content)}\""), ("X-Linked-Size", $"{content.Length}")];
        return IsLarge(file)
            ? new Answer(302, [], [.. about, ("Location", $"{StoreAddress}/{Uri.EscapeDataString(file)}")])
            : Content(question, content, about);
    }

    private JsonObject Listing() => new()
    {
        ["id"] = Model,
        ["sha"] = Commit,
        ["siblings"] = new JsonArray([.. Files.Keys.Concat(AlsoListed).Select(Sibling)]),
    };

    private JsonObject Sibling(string file)
    {
        var sibling = new JsonObject { ["rfilename"] = file };
        byte[] content = Files.GetValueOrDefault(file) ?? [];
        if (!TellsHashes)
            return sibling;
        sibling["size"] = content.Length;
        sibling["blobId"] = IsLarge(file) ? new string('0', 40) : HashOf(file, content);
        if (IsLarge(file))
            sibling["lfs"] = new JsonObject { ["sha256"] = HashOf(file, content), ["size"] = content.Length, ["pointerSize"] = 134 };
        return sibling;
    }
}
