using Cria.Checkpoints;
using SkiaSharp;

namespace Cria.Cli.Display;

/// <summary>Pictures are extras: where one cannot be drawn, or not with its words, the command says why and goes on.</summary>
internal static class Picture
{
    /// <summary>What to do where a system has no fonts.</summary>
    public const string FontFix = "install some (on Debian and Ubuntu: apt install fonts-dejavu-core).";

    /// <summary>Whether this system has a font with digits. Without one, everything is drawn but words and numbers, and nothing fails.</summary>
    public static bool HasFonts => SKTypeface.Default.ContainsGlyph('0');

    public static void Draw(string picture, TextWriter error, Action draw) => Draw(picture, error, draw, () => HasFonts);

    internal static void Draw(string picture, TextWriter error, Action draw, Func<bool> hasFonts)
    {
        try
        {
            draw();
            if (!hasFonts())
                error.WriteLine($"{picture} has no words and numbers: this system has no fonts. To have them, {FontFix}");
        }
        catch (Exception e) when (e is IOException or DllNotFoundException or TypeInitializationException or UnauthorizedAccessException)
        {
            error.WriteLine($"{picture} was not drawn: {DiskFault.Reason(e.InnerException ?? e)}.");
        }
    }
}
