namespace Cria.Cli.Display;

/// <summary>Pictures are extras: where one cannot be drawn, the command says why and goes on.</summary>
internal static class Picture
{
    public static void Draw(string picture, TextWriter error, Action draw)
    {
        try
        {
            draw();
        }
        catch (Exception e) when (e is IOException or DllNotFoundException or TypeInitializationException or UnauthorizedAccessException)
        {
            error.WriteLine($"{picture} was not drawn: {(e.InnerException ?? e).Message}");
        }
    }
}
