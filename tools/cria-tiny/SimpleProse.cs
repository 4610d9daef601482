using System.Text;
using System.Text.RegularExpressions;

namespace CriaTiny.Tools;

/// <summary>Chooses books of simple prose: those of whose words the largest share is frequent in the children's books.</summary>
internal static partial class SimpleProse
{
    [GeneratedRegex(@"\b[a-z]+\b")]
    private static partial Regex LowerWords();

    public static HashSet<string> FrequentWords(IEnumerable<Book> books, int count)
    {
        var counts = new Dictionary<string, int>();
        foreach (var book in books)
            foreach (Match word in LowerWords().Matches(book.Text))
                counts[word.Value] = counts.GetValueOrDefault(word.Value) + 1;
        return [.. counts.OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal).Take(count).Select(w => w.Key)];
    }

    /// <summary>The simplest books first, as many as fit into so many bytes; none that is held out.</summary>
    public static List<Book> Choose(IEnumerable<Book> books, HashSet<string> frequent, long bytes)
    {
        var chosen = new List<Book>();
        foreach (var book in books.Where(b => !b.HeldOut && !IsGarbled(b)).OrderByDescending(b => Share(b, frequent)))
        {
            bytes -= Encoding.UTF8.GetByteCount(book.Text);
            if (bytes < 0)
                break;
            chosen.Add(book);
        }

        return chosen;
    }

    /// <summary>Whether it is UTF-8 that somebody once read as Windows-1252.</summary>
    public static bool IsGarbled(Book book) => book.Text.Contains("\u00E2\u20AC", StringComparison.Ordinal);

    private static double Share(Book book, HashSet<string> frequent)
    {
        int known = 0, all = 0;
        foreach (Match word in LowerWords().Matches(book.Text))
        {
            known += frequent.Contains(word.Value) ? 1 : 0;
            all++;
        }

        return (double)known / Math.Max(1, all);
    }
}
