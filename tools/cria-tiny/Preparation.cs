using System.Buffers;
using System.Text;
using System.Text.Json;
using Cria.Tokenizers;

namespace CriaTiny.Tools;

/// <summary>From the folder of text data sets to a vocabulary and to passages for training and for the held-out figure.</summary>
internal static class Preparation
{
    private const int Pieces = 3840;                  // with Llama 3's 256 special tokens: 4,096
    private const int Budget = 508;                   // tokens a passage: begin and end of text make 510 of a context of 512
    private const long VocabularyClassicsBytes = 36_000_000, VocabularyFactsBytes = 2_000_000;
    private const long FactsBytes = 6_000_000;
    private const int FrequentWords = 3000;
    private const int FactsSeed = 1;
    private const int TaskWeight = 10;                // how often the sample task's train part counts towards the vocabulary: 3 % of its text
    private const string Children = "children's books", Classics = "classics", Stories = "stories", MadeUp = "facts";
    private const int ChildrenTimes = 2;              // how often the children's books stand among the records: the held-out books are of their kind

    public static void Run(string texts, string output)
    {
        Directory.CreateDirectory(output);
        var children = Cleaned(Path.Combine(texts, "books_children.jsonl.gz"));
        List<Book> childrenTrain = [.. children.Where(b => !b.HeldOut)];
        var stories = Cleaned(Path.Combine(texts, "tinystories_sample.jsonl.gz"));
        stories = stories[..(stories.Count * 9 / 10)];   // the last tenth is held out by whoever uses this data set
        var classics = Cleaned(Path.Combine(texts, "books_classics_1800_1928.jsonl.zst"));
        var frequent = SimpleProse.FrequentWords(childrenTrain, FrequentWords);

        var simple = SimpleProse.Choose(classics, frequent, VocabularyClassicsBytes);
        var vocabularyText = childrenTrain.Concat(stories).Concat(simple).Select(b => b.Text).Concat(FactPassages(frequent, VocabularyFactsBytes));
        string rankFile = Path.Combine(output, "tokenizer.model");
        WriteRankFile(rankFile, BytePairTrainer.Train(WordCounts(vocabularyText), Pieces));
        var tokenizer = Tokenizer.Load(rankFile);

        var parts = new Dictionary<string, string[]>
        {
            [Children] = Cut(childrenTrain, tokenizer),
            [Classics] = Cut(classics.Where(b => !b.HeldOut && !SimpleProse.IsGarbled(b)), tokenizer),
            [Stories] = Cut(stories, tokenizer),
            [MadeUp] = [.. FactPassages(frequent, FactsBytes)],
        };
        RefuseSampleTask(parts.Values.SelectMany(p => p));
        string[] heldOut = Cut(children.Where(b => b.HeldOut), tokenizer);

        var records = parts.SelectMany(part => Enumerable.Repeat(part.Value, part.Key == Children ? ChildrenTimes : 1)).SelectMany(p => p);
        JsonLines.WriteTokens(Path.Combine(output, "train.jsonl"), records.Select(p => WithEnd(p, tokenizer)));
        int[][] scored = [.. heldOut.Select(p => tokenizer.Encode(p, addBegin: true))];
        JsonLines.WriteTokens(Path.Combine(output, "validation.jsonl"), scored);
        File.WriteAllText(Path.Combine(output, "heldout.json"), JsonSerializer.Serialize(scored));
        CountsPage.Write(Path.Combine(output, "COUNTS.md"), [.. parts, new("held out", heldOut)], tokenizer, simple);
    }

    private static int[] WithEnd(string passage, Tokenizer tokenizer) => [.. tokenizer.Encode(passage, addBegin: true), tokenizer.EndOfText[0]];

    private static List<Book> Cleaned(string path) =>
        [.. Book.ReadAll(path).Select(book => book with { Text = Cleaner.Clean(book.Text) })];

    private static IEnumerable<string> FactPassages(HashSet<string> frequent, long size)
    {
        var facts = new Facts(FactsSeed, [.. frequent.Where(w => w.Length > 2).Order(StringComparer.Ordinal)]);
        for (long bytes = 0; bytes < size;)
        {
            string passage = facts.Next();
            bytes += passage.Length;
            yield return passage;
        }
    }

    private static Dictionary<string, long> WordCounts(IEnumerable<string> texts)
    {
        var counts = new Dictionary<string, long>();
        void Add(string text, int weight)
        {
            foreach (var match in Splitter.Words().EnumerateMatches(text))
            {
                string word = text.Substring(match.Index, match.Length);
                counts[word] = counts.GetValueOrDefault(word) + weight;
            }
        }

        foreach (string text in texts)
            Add(text, 1);
        foreach (var (prompt, completion) in SampleTask.Records().Take(SampleTask.TrainRecords))
        {
            Add(prompt, TaskWeight);
            Add(completion, TaskWeight);
        }

        return counts;
    }

    // Llama 3's form: a line a piece, base64 and rank. The special tokens are not in the file.
    private static void WriteRankFile(string path, IEnumerable<string> pieces) =>
        File.WriteAllText(path, string.Concat(pieces.Select((p, rank) => $"{Convert.ToBase64String(Encoding.Latin1.GetBytes(p))} {rank}\n")));

    private static string[] Cut(IEnumerable<Book> books, Tokenizer tokenizer) =>
        [.. books.AsParallel().AsOrdered().SelectMany(b => Passages.Cut(b.Text, tokenizer, Budget))];

    // The quickstart claims that the model has not seen its task; so look.
    private static void RefuseSampleTask(IEnumerable<string> train)
    {
        var forbidden = SearchValues.Create(
            [.. SampleTask.Records().SelectMany(r => new[] { r.Prompt, r.Completion }), "{\"who\":"], StringComparison.Ordinal);
        foreach (string passage in train)
            if (passage.AsSpan().ContainsAny(forbidden))
                throw new InvalidDataException($"The training text contains a record of the sample task: {passage}");
    }
}
