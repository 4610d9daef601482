namespace Cria.Cli.Hub;

/// <summary>Where the hub and its cache are, and who asks: by the environment variables that Python's huggingface_hub reads.</summary>
internal sealed record HubSettings
{
    private const string DefaultEndpoint = "https://huggingface.co";

    private static readonly string[] OfflineSwitches = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"];

    /// <summary>The hub's address, without a slash at its end.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The folder with a folder for each model.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>What proves to the hub who asks; null where there is none.</summary>
    public string? Token { get; init; }

    /// <summary>Where a token would be read from, for messages.</summary>
    public required string TokenFile { get; init; }

    /// <summary>The variable that forbids the network, or null where it is allowed.</summary>
    public string? OfflineBecause { get; init; }

    /// <summary>Whether a snapshot may hold links to the blobs; otherwise it holds the files themselves.</summary>
    public bool MayLink { get; init; } = true;

    /// <summary>Whether progress is shown.</summary>
    public bool ShowsProgress { get; init; } = true;

    /// <summary>How long the hub may be silent before an answer.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a file may bring no byte.</summary>
    public TimeSpan DownloadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The settings of this process.</summary>
    /// <exception cref="UsageException">A variable has an impossible value.</exception>
    public static HubSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>The settings by some variables. An empty one counts as absent.</summary>
    public static HubSettings From(Func<string, string?> environment)
    {
        var read = new HubVariables(environment);
        string home = read.Path("HF_HOME") ?? Path.Combine(read.Path("XDG_CACHE_HOME") ?? Path.Combine(HubVariables.UserFolder, ".cache"), "huggingface");
        string tokenFile = read.Path("HF_TOKEN_PATH") ?? Path.Combine(home, "token");
        return new HubSettings
        {
            Endpoint = read.Address("HF_ENDPOINT", DefaultEndpoint),
            CacheFolder = Path.GetFullPath(read.Path("HF_HUB_CACHE") ?? read.Path("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub")),
            Token = read.IsSet("HF_HUB_DISABLE_IMPLICIT_TOKEN") ? null : read.Token(tokenFile),
            TokenFile = tokenFile,
            OfflineBecause = OfflineSwitches.FirstOrDefault(read.IsSet),
            MayLink = !read.IsSet("HF_HUB_DISABLE_SYMLINKS"),
            ShowsProgress = !read.IsSet("HF_HUB_DISABLE_PROGRESS_BARS"),
            AnswerTimeout = read.Seconds("HF_HUB_ETAG_TIMEOUT", 10),
            DownloadTimeout = read.Seconds("HF_HUB_DOWNLOAD_TIMEOUT", 10),
        };
    }
}
