namespace Cria.Tests.House;

/// <summary>Text that a test compares with a committed file. CRIA_UPDATE_SNAPSHOTS=1 rewrites the file instead: read the difference before committing it.</summary>
internal static class Snapshot
{
    public static void Match(string fixture, string actual)
    {
        string path = Path.Combine(TestData.Checkout, "tests", "fixtures", fixture);
        actual = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("CRIA_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(path, actual);

        string expected = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (expected != actual)
            Assert.Fail($"tests/fixtures/{fixture} differs. If the change is meant, run the test once with CRIA_UPDATE_SNAPSHOTS=1.\n{Difference(expected, actual)}");
    }

    private static string Difference(string expected, string actual)
    {
        var (old, now) = (expected.Split('\n'), actual.Split('\n'));
        var gone = old.Except(now).Select(line => $"- {line}");
        var come = now.Except(old).Select(line => $"+ {line}");
        return string.Join('\n', gone.Concat(come).Take(40));
    }
}
