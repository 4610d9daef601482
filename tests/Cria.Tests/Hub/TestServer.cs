using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cria.Tests.Hub;

/// <summary>What was asked of a server.</summary>
internal sealed record Question(string Method, string Target, IReadOnlyDictionary<string, string> Headers)
{
    public string Path => Target.Split('?')[0];

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The first byte that is wanted.</summary>
    public int From => Header("Range") is { } range ? int.Parse(range["bytes=".Length..].TrimEnd('-')) : 0;
}

/// <summary>What a server says.</summary>
internal sealed record Answer(int Status, byte[] Body, params (string Name, string Value)[] Headers)
{
    /// <summary>After so many bytes of the body the connection breaks.</summary>
    public int BreaksAfter { get; init; } = int.MaxValue;

    public static Answer Error(int status, params (string Name, string Value)[] headers) => new(status, [], headers);
}

/// <summary>An HTTP server on the loopback that says what a test wants, one connection for each question.</summary>
internal sealed class TestServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<Question, Answer> answer;

    public TestServer(Func<Question, Answer> answer)
    {
        this.answer = answer;
        listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public string Address => $"http://{listener.LocalEndpoint}";

    public ConcurrentQueue<Question> Questions { get; } = new();

    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await listener.AcceptTcpClientAsync();
                _ = Task.Run(() => ServeAsync(connection));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // disposed
        }
    }

    private async Task ServeAsync(TcpClient connection)
    {
        using (connection)
        {
            var stream = connection.GetStream();
            if (await ReadAsync(stream) is not { } question)
                return;
            Questions.Enqueue(question);
            var reply = answer(question);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 {reply.Status} Said\r\nContent-Length: {reply.Body.Length}\r\nConnection: close\r\n"
                + string.Concat(reply.Headers.Select(header => $"{header.Name}: {header.Value}\r\n")) + "\r\n"));
            if (question.Method != "HEAD")
                await stream.WriteAsync(reply.Body.AsMemory(0, Math.Min(reply.Body.Length, reply.BreaksAfter)));
        }
    }

    private static async Task<Question?> ReadAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string[]? first = (await reader.ReadLineAsync())?.Split(' ');
        if (first is null)
            return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
        return new Question(first[0], first[1], headers);
    }
}
