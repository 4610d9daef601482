namespace CriaTiny.Tools;

/// <summary>The quickstart's task: an English sentence in, a small JSON record out. Who has what, how many, of which colour.</summary>
/// <remarks>
/// No two records share (who, what, count, color): validation and test hold combinations that train does not have,
/// of values that train has all. The seed is fixed; the files are always the same.
/// </remarks>
internal static class SampleTask
{
    public const int TrainRecords = 2000, ValidationRecords = 100, TestRecords = 100;
    private const int Seed = 20260;

    public static readonly string[] Names =
    [
        "Tom", "Anna", "Ben", "Mary", "Jack", "Kate", "Sam", "Lucy", "Peter", "Emma", "Max", "Jane",
        "Paul", "Ruth", "Fred", "Alice", "Oscar", "Ella", "Hugo", "Nora", "Leo", "Clara", "Martin", "George",
    ];

    public static readonly string[] Things =
    [
        "apples", "hats", "books", "cups", "boats", "flowers", "shoes", "coats", "bags", "balls",
        "birds", "boxes", "candles", "chairs", "eggs", "flags", "kites", "pens", "stones", "ribbons",
    ];

    public static readonly string[] Numbers = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

    public static readonly string[] Colors = ["red", "blue", "green", "yellow", "black", "white", "brown", "pink"];

    private static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly string[] Places = ["market", "school", "station", "shop", "park", "farm"];

    private static readonly string[] Templates =
    [
        "{who} bought {count} {color} {what} at the {place} on {day}.",
        "On {day} {who} found {count} {color} {what} at the {place}.",
        "There are {count} {color} {what} at the {place}, and they belong to {who}.",
        "{who} has {count} {what}, all of them {color}.",
        "Yesterday {who} lost {count} {color} {what}.",
        "The {count} {color} {what} near the {place} are for {who}.",
        "{who} sold {what} on {day}: {count} of them, all {color}.",
        "{Count} {color} {what} were sent to {who} last {day}.",
        "At the {place} {who} counted {count} {what}; every one was {color}.",
        "Here come {count} {color} {what} for {who}.",
        "My friend {who} painted {count} {what} {color}.",
        "Please give these {count} {color} {what} to {who} on {day}.",
    ];

    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var records = Records();
        var parts = new[] { ("train", TrainRecords), ("validation", ValidationRecords), ("test", TestRecords) };
        int start = 0;
        foreach (var (name, count) in parts)
        {
            JsonLines.Write(Path.Combine(folder, name + ".jsonl"), records.Skip(start).Take(count)
                .Select(r => new[] { ("prompt", r.Prompt), ("completion", r.Completion) }));
            start += count;
        }
    }

    /// <summary>Train, then validation, then test.</summary>
    public static List<(string Prompt, string Completion)> Records()
    {
        var random = new Random(Seed);
        var combinations = (from who in Names
                            from what in Things
                            from count in Enumerable.Range(2, Numbers.Length)
                            from color in Colors
                            select (who, what, count, color)).ToArray();
        random.Shuffle(combinations);
        return [.. combinations.Take(TrainRecords + ValidationRecords + TestRecords)
            .Select((c, i) => (Sentence(Templates[i % Templates.Length], c, random), Json(c)))];
    }

    private static string Sentence(string template, (string Who, string What, int Count, string Color) c, Random random)
    {
        string number = Numbers[c.Count - 2];
        return template
            .Replace("{who}", c.Who)
            .Replace("{what}", c.What)
            .Replace("{count}", number)
            .Replace("{Count}", char.ToUpperInvariant(number[0]) + number[1..])
            .Replace("{color}", c.Color)
            .Replace("{place}", random.GetItems(Places, 1)[0])
            .Replace("{day}", random.GetItems(Days, 1)[0]);
    }

    private static string Json((string Who, string What, int Count, string Color) c) =>
        $$"""{"who":"{{c.Who}}","what":"{{c.What}}","count":{{c.Count}},"color":"{{c.Color}}"}""";
}
