using System.Net;
using System.Net.Http.Headers;

namespace Cria.Cli.Hub;

/// <summary>Talks to the hub: addresses, the token, redirects, refusals.</summary>
/// <remarks>
/// The token goes to the hub's own address and to no other: large files lie with other companies, to which the hub sends on. Redirects are therefore
/// followed here and not by <see cref="HttpClient"/>.
/// </remarks>
internal sealed class HubClient : IDisposable
{
    private const int MostRedirects = 10;
    private const int MostBytesOfListing = 32 << 20;

    private readonly HubSettings settings;
    private readonly Uri endpoint;
    private readonly HttpClient http;

    public HubClient(HubSettings settings)
    {
        (this.settings, endpoint) = (settings, new Uri(settings.Endpoint));
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = settings.AnswerTimeout })
        {
            Timeout = Timeout.InfiniteTimeSpan,   // an hour for a large file is no failure; silence is measured elsewhere
        };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("cria", Verbs.Examination.Version));
        http.DefaultRequestHeaders.AcceptEncoding.ParseAdd("identity");
    }

    /// <summary>Which commit a revision is now, and its files.</summary>
    /// <exception cref="HubException">The hub refuses, or answers what cannot be understood.</exception>
    /// <exception cref="TransientException">It may work the next time.</exception>
    public async Task<HubListing> ListAsync(HubName name, CancellationToken stop) =>
        HubListing.Read(await JsonAsync(name, $"/api/models/{name.Repository}/revision/{Uri.EscapeDataString(name.RevisionOrMain)}?blobs=true", stop), name);

    /// <summary>A small answer of the hub, whole.</summary>
    public async Task<byte[]> JsonAsync(HubName name, string pathAndQuery, CancellationToken stop)
    {
        using var response = await SendAsync(name, HttpMethod.Get, new Uri(settings.Endpoint + pathAndQuery), 0, stop);
        await using var body = new TimedBody(await response.Content.ReadAsStreamAsync(stop), settings.DownloadTimeout);
        using var whole = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = await body.ReadAsync(buffer, stop)) > 0;)
        {
            whole.Write(buffer, 0, read);
            if (whole.Length > MostBytesOfListing)
                throw HubException.Malformed(name, $"more than {Bytes.Text(MostBytesOfListing)}");
        }
        return whole.ToArray();
    }

    /// <summary>The same file with its length and hash, which the hub tells in the headers of an answer without content.</summary>
    public async Task<HubFile> DescribeAsync(HubName name, string commit, HubFile file, CancellationToken stop)
    {
        using var response = await SendAsync(name, HttpMethod.Head, Address(name, commit, file), 0, stop);
        if (Header(response, "X-Repo-Commit") is { } found && found != commit)
            throw HubException.OtherCommit(name, commit, found);
        long? size = long.TryParse(Header(response, "X-Linked-Size"), out long linked) ? linked : response.Content.Headers.ContentLength;
        string? hash = HubFile.HashIn(Header(response, "X-Linked-Etag") ?? response.Headers.ETag?.Tag);
        return hash is null || size is null or < 0 ? throw HubException.NoHash(name, file) : file with { Size = size, Hash = hash };
    }

    /// <summary>The content of a file from some byte on; the answer says in its status whether the hub heeded that.</summary>
    public async Task<HttpResponseMessage> GetAsync(HubName name, string commit, HubFile file, long from, CancellationToken stop) =>
        await SendAsync(name, HttpMethod.Get, Address(name, commit, file), from, stop);

    public void Dispose() => http.Dispose();

    private Uri Address(HubName name, string commit, HubFile file) =>
        new($"{settings.Endpoint}/{name.Repository}/resolve/{commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}");

    private async Task<HttpResponseMessage> SendAsync(HubName name, HttpMethod method, Uri address, long from, CancellationToken stop)
    {
        for (int hop = 0; hop <= MostRedirects; hop++)
        {
            var response = await SendOnceAsync(method, address, from, stop);
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable)
                return response;
            if (Next(response, address) is not { } next)
                using (response)
                    throw Refusal(name, response);

            // Where a large file lies does not matter to who asks only for its length and hash.
            if (method == HttpMethod.Head && !IsHub(next))
                return response;
            response.Dispose();
            if (next.Scheme != Uri.UriSchemeHttps && (address.Scheme == Uri.UriSchemeHttps || next.Scheme != Uri.UriSchemeHttp))
                throw HubException.Insecure(name, address, next);
            address = next;
        }
        throw HubException.TooManyRedirects(name);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, Uri address, long from, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, address);
        if (settings.Token is not null && IsHub(address))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.Token);
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(settings.AnswerTimeout);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (HttpRequestException because)
        {
            throw new TransientException($"{address.Host} cannot be reached: {because.Message}{(because.Message.EndsWith('.') ? "" : ".")}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TransientException($"{address.Host} did not answer within {settings.AnswerTimeout.TotalSeconds:F0} s.");
        }
    }

    private static Uri? Next(HttpResponseMessage response, Uri address) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location ? new Uri(address, location) : null;

    private bool IsHub(Uri address) => address.Scheme == endpoint.Scheme && address.Authority == endpoint.Authority;

    private Exception Refusal(HubName name, HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        if (status is not (408 or 429 or >= 500))
            return HubException.Refused(name, response.StatusCode, Header(response, "X-Error-Code"), Header(response, "X-Error-Message"), settings);
        var after = response.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date is { } date ? date - DateTimeOffset.UtcNow : null);
        return new TransientException($"the hub answers {status} ({(status == 429 ? "too many requests" : response.ReasonPhrase)}).", wait > TimeSpan.Zero ? wait : null);
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
