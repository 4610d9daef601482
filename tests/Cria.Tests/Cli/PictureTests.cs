using Cria.Cli.Display;

namespace Cria.Tests.Cli;

/// <summary>A picture that lacks something says what, and how to have it.</summary>
public class PictureTests
{
    [Theory]
    [InlineData(false, "loss.png has no words and numbers: this system has no fonts. To have them, install some (on Debian and Ubuntu: apt install fonts-dejavu-core).\n")]
    [InlineData(true, "")]
    public void A_system_without_fonts_is_named_with_the_fix(bool hasFonts, string expected)
    {
        using var error = new StringWriter { NewLine = "\n" };
        bool drawn = false;

        Picture.Draw("loss.png", error, () => drawn = true, () => hasFonts);

        Assert.True(drawn);
        Assert.Equal(expected, error.ToString());
    }

    [Fact]
    public void One_that_cannot_be_drawn_says_why()
    {
        using var error = new StringWriter { NewLine = "\n" };

        Picture.Draw("loss.png", error, () => throw new DllNotFoundException("libSkiaSharp is not there."), () => true);

        Assert.Equal("loss.png was not drawn: libSkiaSharp is not there.\n", error.ToString());
    }

    // Where the folder is absent or empty the answer may be either: fonts can lie elsewhere.
    [Fact]
    public void Fonts_that_are_there_are_found()
    {
        const string folder = "/usr/share/fonts";
        Assert.SkipUnless(OperatingSystem.IsLinux() && Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.ttf", SearchOption.AllDirectories).Any(), $"There are no fonts in {folder}.");

        Assert.True(Picture.HasFonts);
    }
}
