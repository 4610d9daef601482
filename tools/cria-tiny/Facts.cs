namespace CriaTiny.Tools;

/// <summary>Made-up passages that teach a small model to look back and copy: facts and questions about them, lists, labels, cards.</summary>
/// <remarks>
/// Books alone give a model of this size little reason to repeat a word exactly, in another spelling (with or without the
/// space before it), or a number as a digit. None of the passages uses the sentences, the keys or the records of the sample task.
/// </remarks>
internal sealed class Facts(int seed, IReadOnlyList<string> frequentWords)
{
    private static readonly string[] Names = [.. SampleTask.Names,
        "Heidi", "Will", "Meg", "Amy", "Beth", "Harry", "Dora", "Philip", "Helen", "Edward", "Nelly", "Robert",
        "Anne", "Frank", "Molly", "Henry", "Sara", "David", "Polly", "Simon", "Grace", "Arthur", "Nancy", "Walter"];

    private static readonly string[] Things = [.. SampleTask.Things,
        "pears", "keys", "plates", "spoons", "roses", "shells", "letters", "buttons", "horses", "sheep", "nuts", "bottles",
        "baskets", "pictures", "rings", "drums", "lamps", "loaves", "cakes", "gloves", "dolls", "tents", "plums", "clocks"];

    private static readonly string[] Colors = [.. SampleTask.Colors, "grey", "golden", "purple", "silver"];
    private static readonly string[] Numbers = ["one", .. SampleTask.Numbers, "eleven", "twelve"];
    private static readonly string[] Holders = ["drawer", "cupboard", "cellar", "room", "barn", "trunk", "shed", "tower"];
    private static readonly string[] Homes = ["cottage", "castle", "village", "tent", "mill", "tower", "town", "forest", "farm", "inn"];
    private static readonly string[] Jobs = ["baker", "sailor", "farmer", "teacher", "doctor", "hunter", "tailor", "soldier", "miller", "painter"];
    private static readonly string[] Pets = ["dog", "cat", "horse", "rabbit", "goat", "parrot", "mouse", "pony", "owl", "duck"];
    private static readonly string[] Foods = ["bread", "cheese", "soup", "fish", "honey", "rice", "cake", "milk", "corn", "meat"];
    private static readonly string[] Months = ["January", "March", "April", "May", "June", "July", "August", "October", "December"];

    private readonly Random random = new(seed);

    public string Next() => random.Next(6) switch
    {
        0 => Join(4, "\n\n", Questions),
        1 => Join(5, "\n\n", Lists),
        2 => Join(8, " ", Labels),
        3 or 4 => Join(6, "\n", Card),
        _ => Join(8, "\n", Words),
    };

    private static string Join(int count, string separator, Func<string> make) =>
        string.Join(separator, Enumerable.Range(0, count).Select(_ => make()));

    private string Pick(IReadOnlyList<string> list) => list[random.Next(list.Count)];

    private T[] Some<T>(IReadOnlyList<T> list, int count)
    {
        T[] all = [.. list];
        random.Shuffle(all);
        return all[..count];
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private string Questions()
    {
        int n = random.Next(Numbers.Length - 1) + 2;
        string name = Pick(Names), thing = Pick(Things), color = Pick(Colors), number = Numbers[n - 1], holder = Pick(Holders);
        string[] openings =
        [
            $"{name} keeps {number} {color} {thing} in a {holder}.",
            $"In {name}'s {holder} lie {number} {thing}. They are {color}.",
            $"The {thing} of {name} are {color}, and there are {number} ({n}) of them in the {holder}.",
            $"Look into the {holder}: {number} {color} {thing}. It was {name} who put them there.",
            $"{Capital(color)} {thing} lay about the {holder}. \"They are mine,\" said {name}, \"{number} in all.\"",
        ];
        string[] questions =
        [
            $"Whose {thing} are they? {name}'s.",
            $"Who keeps them? {name}.",
            $"How many {thing}? {Capital(number)}.",
            $"How many are there? {n}.",
            $"Which colour? {Capital(color)}.",
            $"Of what colour are the {thing}? They are {color}.",
            $"What is in the {holder}? {Capital(thing)}.",
            $"What does {name} keep? {Capital(number)} {thing}.",
        ];
        return $"{Pick(openings)} {string.Join(' ', Some(questions, 4))}";
    }

    private string Lists()
    {
        string[] things = Some(Things, 3);
        int[] counts = [.. things.Select(_ => random.Next(2, 13))];
        string[] phrases = [.. things.Zip(counts, (t, n) => $"{Numbers[n - 1]} {t}")];
        string[] lines = [.. things.Zip(counts, (t, n) => $"{t}: {n}")];
        return $"{Pick(Names)} needs {phrases[0]}, {phrases[1]} and {phrases[2]}. The list says:\n{string.Join('\n', lines)}";
    }

    private string Labels()
    {
        string name = Pick(Names), other = Pick(Names), color = Pick(Colors);
        string[] things = Some(Things, 2);
        string[] sentences =
        [
            $"\"{Capital(things[0])},\" said the card on the {things[0]}.",
            $"{name} wrote \"{things[0]}\" on the box of {things[0]} and \"{things[1]}\" on the box of {things[1]}.",
            $"\"{name},\" said {other}, and {name} looked up. \"{other}!\" said {name}.",
            $"The {color} door had the word \"{color}\" on it.",
        ];
        return Pick(sentences);
    }

    private string Card()
    {
        string name = Pick(Names);
        int age = random.Next(2, 13);
        string home = Pick(Homes), job = Pick(Jobs), pet = Pick(Pets), food = Pick(Foods), month = Pick(Months);
        (string Sentence, string Field)[] facts =
        [
            ($"is {Numbers[age - 1]} years old", $"\"age\":{age}"),
            ($"lives in a {home}", $"\"home\":\"{home}\""),
            ($"wants to be a {job}", $"\"job\":\"{job}\""),
            ($"has a {pet}", $"\"pet\":\"{pet}\""),
            ($"likes {food}", $"\"food\":\"{food}\""),
            ($"came in {month}", $"\"month\":\"{month}\""),
        ];
        var chosen = Some(facts, random.Next(2, 4));
        string[] said = [.. chosen.Select(f => f.Sentence)];
        string[] fields = [.. chosen.Select(f => f.Field).Append($"\"name\":\"{name}\"")];
        random.Shuffle(fields);
        return $"{name} {string.Join(", ", said[..^1])} and {said[^1]}. {{{string.Join(',', fields)}}}";
    }

    private string Words()
    {
        string[] words = [.. Enumerable.Range(0, random.Next(3, 7)).Select(_ => Pick(random.Next(3) > 0 ? frequentWords : Pick(Topics)))];
        return $"The words are {string.Join(", ", words)}. [{string.Join(',', words.Select(w => $"\"{w}\""))}]";
    }

    private static readonly string[][] Topics = [Names, Things, Colors, Numbers, ["who", "what", "count", "color"]];

    private string[] Pick(string[][] lists) => lists[random.Next(lists.Length)];
}
