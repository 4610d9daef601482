namespace Cria.Cli.Hub;

/// <summary>The content of an answer. Silence and a broken connection both end in a <see cref="TransientException"/>.</summary>
internal sealed class TimedBody(Stream content, TimeSpan longestSilence) : IAsyncDisposable
{
    /// <summary>Some bytes; none at the end.</summary>
    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(longestSilence);
        try
        {
            return await content.ReadAsync(buffer, limit.Token);
        }
        catch (Exception because) when (because is IOException or HttpRequestException)
        {
            throw new TransientException("the connection broke.");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TransientException($"no byte arrived for {longestSilence.TotalSeconds:F0} s.");
        }
    }

    public ValueTask DisposeAsync() => content.DisposeAsync();
}
