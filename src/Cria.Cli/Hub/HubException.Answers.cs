using System.Net;

namespace Cria.Cli.Hub;

/// <summary>What the hub's refusals mean.</summary>
internal sealed partial class HubException
{
    /// <summary>The failure that an answer of the hub stands for.</summary>
    public static HubException Refused(HubName name, HttpStatusCode status, string? code, string? message, HubSettings settings) => (code, status) switch
    {
        ("GatedRepo", _) => Gated(name, settings),
        ("RevisionNotFound", _) => NoRevision(name),
        ("EntryNotFound", _) => new($"{name}: the hub does not have this file at this revision: {ForeignText.Quote(message ?? "")}"),
        ("RepoNotFound", _) or (_, HttpStatusCode.NotFound) => NotFound(name, settings, null),
        (_, HttpStatusCode.Unauthorized) when settings.Token is null => NotFound(name, settings, null),
        (_, HttpStatusCode.Unauthorized) => BadToken(name, settings),
        (_, HttpStatusCode.Forbidden) => Gated(name, settings),
        _ => new($"{name}: the hub refuses with {(int)status} {status}{(message is null ? "" : $": {ForeignText.Quote(message)}")}"),
    };

    /// <summary>No model of that name, or none that the hub shows to this user.</summary>
    public static HubException NotFound(HubName name, HubSettings settings, string? meant) => new(
        $"""
        {name.Repository}: the hub has no such model, or it is private.{(meant is null ? "" : $"\n  closest  {meant}")}
          page     {settings.Endpoint}/{name.Repository}
          fix      check the name; for a private model, {TokenAdvice(settings)}
        """)
    { IsNotFound = true };

    public static HubException GaveUp(HubName name, string what, string because, int attempts) => new(
        $"""
        {name}: {what} failed {attempts} times: {because}
          fix      repeat later; what has arrived is kept, and the download goes on from there
        """);

    public static HubException Insecure(HubName name, Uri from, Uri to) => new(
        $"{name}: {from.Host} sends on to {ForeignText.Quote(to.GetLeftPart(UriPartial.Path))}, which is not secure; it was not followed.");

    public static HubException TooManyRedirects(HubName name) => new($"{name}: the hub sends from one address to the next without end.");

    /// <summary>Whether the model's name was the trouble.</summary>
    public bool IsNotFound { get; private init; }

    private static HubException NoRevision(HubName name) => new(
        $"{name.Repository}: has no revision {ForeignText.Quote(name.RevisionOrMain)}: expected a branch, a tag or a commit of the model.");

    private static HubException BadToken(HubName name, HubSettings settings) => new(
        $"""
        {name.Repository}: the hub does not accept the token from HF_TOKEN or {settings.TokenFile}.
          fix      make a new one at {settings.Endpoint}/settings/tokens
        """);

    private static HubException Gated(HubName name, HubSettings settings) => new(
        $"""
        {name.Repository}: the hub gives this model only to users who accepted its terms{(settings.Token is null ? "" : ", and your token's user has not, or its request is not granted yet, or the token may not read it")}.
          page     {settings.Endpoint}/{name.Repository} (log in there and accept)
          fix      {(settings.Token is null ? TokenAdvice(settings) : "accept on that page with the account of the token, and repeat")}
        """);

    private static string TokenAdvice(HubSettings settings) => settings.Token is null
        ? $"set HF_TOKEN to a token from {settings.Endpoint}/settings/tokens (or write it to {settings.TokenFile})"
        : "see that the token in use may read it";
}
