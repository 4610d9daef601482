using System.Globalization;

namespace Cria.Cli.Hub;

/// <summary>Reads variables of the environment in the way of huggingface_hub.</summary>
internal sealed class HubVariables(Func<string, string?> environment)
{
    public static string UserFolder => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    public string? Text(string name) => environment(name)?.Trim() is { Length: > 0 } text ? text : null;

    /// <summary>A switch: on with 1, true, yes or on.</summary>
    public bool IsSet(string name) => Text(name)?.ToUpperInvariant() is "1" or "TRUE" or "YES" or "ON";

    /// <summary>A path, in which a leading <c>~</c> is the user's folder: no shell has been over a value from a file.</summary>
    public string? Path(string name) => Text(name) switch
    {
        "~" => UserFolder,
        { } path when path.StartsWith("~/", StringComparison.Ordinal) => System.IO.Path.Combine(UserFolder, path[2..]),
        var path => path,
    };

    public TimeSpan Seconds(string name, double orElse)
    {
        if (Text(name) is not { } text)
            return TimeSpan.FromSeconds(orElse);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and < 1e6
            ? TimeSpan.FromSeconds(seconds)
            : throw new UsageException($"{name}: expected a number of seconds, found '{text}'.");
    }

    public string Address(string name, string orElse)
    {
        string text = Text(name) ?? orElse;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? text.TrimEnd('/')
            : throw new UsageException($"{name}: expected an address that begins with https://, found '{text}'.");
    }

    /// <summary>The token from the environment, or else from the file that logging in with Python's tools leaves.</summary>
    public string? Token(string file)
    {
        string? token = Text("HF_TOKEN") ?? Text("HUGGING_FACE_HUB_TOKEN") ?? (File.Exists(file) ? File.ReadAllText(file).Trim() : null);
        if (string.IsNullOrEmpty(token))
            return null;
        return token.All(letter => letter is > ' ' and < '\x7F')
            ? token
            : throw new UsageException($"HF_TOKEN, or the token in {file}: holds characters that no token has.");
    }
}
