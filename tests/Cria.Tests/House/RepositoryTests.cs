using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Cria.Tests.House;

/// <summary>What every checkout holds, and how large its files are.</summary>
public partial class RepositoryTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("LICENSE")]
    [InlineData("docs/architecture.md")]
    [InlineData("docs/add-an-op.md")]
    [InlineData("docs/add-a-method.md")]
    [InlineData("docs/numerics.md")]
    [InlineData("docs/decisions/0001-own-engine.md")]
    public void A_page_is_there_and_says_something(string path)
    {
        var file = new FileInfo(Path.Combine(TestData.Checkout, path));

        Assert.True(file.Exists && file.Length > 200, $"{path} is missing or empty.");
    }

    [Fact]
    public void The_changelog_speaks_of_the_version_that_is_built()
    {
        string version = XDocument.Load(Path.Combine(TestData.Checkout, "Directory.Build.props")).Descendants("Version").Single().Value;

        string changelog = File.ReadAllText(Path.Combine(TestData.Checkout, "CHANGELOG.md"));

        Assert.True(changelog.Contains("## [Unreleased]", StringComparison.Ordinal) || changelog.Contains($"## [{version}]", StringComparison.Ordinal));
    }

    [Fact]
    public void Links_between_pages_lead_somewhere()
    {
        var pages = Directory.EnumerateFiles(TestData.Checkout, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(TestData.Checkout, "docs"), "*.md", SearchOption.AllDirectories));

        var broken =
            from page in pages
            from Match link in LinkToFile().Matches(File.ReadAllText(page))
            let target = Path.Combine(Path.GetDirectoryName(page)!, link.Groups[1].Value)
            where !Path.Exists(target)
            select $"{Path.GetFileName(page)}: {link.Groups[1].Value}";

        Assert.Empty(broken);
    }

    [Fact]
    public void Long_files_are_listed_as_a_question_not_a_failure()
    {
        foreach (var file in SourceFile.Under("src").Concat(SourceFile.Under("tests")).Where(file => file.Lines > 300))
            TestContext.Current.AddWarning($"{file.Path} has {file.Lines} lines: is there a second thing in it?");
    }

    // Not a link to another site, nor to a place on the same page.
    [GeneratedRegex(@"\]\((?!\w+:)([^)#]+)[^)]*\)")]
    private static partial Regex LinkToFile();
}
