using System.Net;

namespace Cria.Cli.Hub;

/// <summary>Fetches the content of one file: goes on where an earlier attempt ended, and keeps nothing whose hash is wrong.</summary>
/// <param name="client">The hub.</param>
/// <param name="settings">How long it may be silent.</param>
/// <param name="retries">What to do about a connection that breaks.</param>
/// <param name="arrived">Told of bytes as they come, and of bytes that turn out to be of no use, below zero.</param>
internal sealed class BlobDownload(HubClient client, HubSettings settings, Retries retries, Action<long> arrived)
{
    private readonly byte[] buffer = new byte[1 << 20];

    /// <summary>Leaves the content at <paramref name="blob"/>.</summary>
    /// <exception cref="HubException">It cannot be had.</exception>
    public async Task RunAsync(HubName name, string commit, HubFile file, string blob, CancellationToken stop)
    {
        string incomplete = $"{blob}.incomplete";
        try
        {
            using var partial = await PartialBlob.OpenAsync(incomplete, file, stop);
            await FetchWholeAsync(name, commit, file, partial, stop);
            partial.Flush();
        }
        catch when (File.Exists(incomplete) && new FileInfo(incomplete).Length == 0)
        {
            File.Delete(incomplete);
            throw;
        }
        File.Move(incomplete, blob, overwrite: true);
    }

    private async Task FetchWholeAsync(HubName name, string commit, HubFile file, PartialBlob partial, CancellationToken stop)
    {
        string found = await FetchAsync(name, commit, file, partial, stop);
        if (found != file.Blob && partial.Continues)
        {
            Forget(partial);
            found = await FetchAsync(name, commit, file, partial, stop);
        }
        if (found != file.Blob)
            throw Discard(partial, HubException.WrongHash(name, file, found));
    }

    private async Task<string> FetchAsync(HubName name, string commit, HubFile file, PartialBlob partial, CancellationToken stop)
    {
        await retries.RunAsync(name, file.Path, async () =>
        {
            if (partial.Length < file.Length)
                await AttemptAsync(name, commit, file, partial, stop);
            return true;
        }, () => partial.Length, stop);
        return partial.Hash();
    }

    private async Task AttemptAsync(HubName name, string commit, HubFile file, PartialBlob partial, CancellationToken stop)
    {
        using var response = await client.GetAsync(name, commit, file, partial.Length, stop);
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != partial.Length)
            Forget(partial);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            throw new TransientException("the hub does not have the rest of it; starting over.");
        if (partial.Length == 0 && response.StatusCode == HttpStatusCode.PartialContent)
            throw new TransientException("the hub sent another part than was asked for; starting over.");
        if (response.Content.Headers.ContentLength is { } announced && partial.Length + announced > file.Length)
            throw Discard(partial, HubException.WrongSize(name, file, partial.Length + announced));

        await using var body = new TimedBody(await response.Content.ReadAsStreamAsync(stop), settings.DownloadTimeout);
        for (int read; (read = await body.ReadAsync(buffer, stop)) > 0; arrived(read))
        {
            if (partial.Length + read > file.Length)
                throw Discard(partial, HubException.WrongSize(name, file, partial.Length + read));
            partial.Append(buffer.AsSpan(0, read));
        }
        if (partial.Length < file.Length)
            throw new TransientException($"the connection closed after {Bytes.Text(partial.Length)} of {Bytes.Text(file.Length)}.");
    }

    private void Forget(PartialBlob partial)
    {
        arrived(-partial.Length);
        partial.Restart();
    }

    private HubException Discard(PartialBlob partial, HubException because)
    {
        Forget(partial);
        return because;
    }
}
