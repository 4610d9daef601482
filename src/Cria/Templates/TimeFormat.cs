using System.Globalization;
using System.Text;

namespace Cria.Templates;

/// <summary>Python's <c>strftime</c>, in English.</summary>
internal static class TimeFormat
{
    private const int Longest = 1000;

    public static string Apply(string format, DateTimeOffset now)
    {
        if (format.Length > Longest)
            throw new JinjaException($"strftime_now: a format has {Longest} characters at most.");
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            bool bare = format[++i] == '-' && i + 1 < format.Length;   // %-d: without the zero before it
            string written = Part(bare ? format[++i] : format[i], now);
            text.Append(bare && written.Length > 1 ? written.TrimStart('0') : written);
        }
        return text.ToString();
    }

    private static string Part(char code, DateTimeOffset now) => code switch
    {
        'a' => Text("ddd", now),
        'A' => Text("dddd", now),
        'b' or 'h' => Text("MMM", now),
        'B' => Text("MMMM", now),
        'c' => $"{Text("ddd MMM", now)} {now.Day,2} {Text("HH:mm:ss yyyy", now)}",
        'd' => Text("dd", now),
        'D' or 'x' => Text("MM'/'dd'/'yy", now),
        'e' => $"{now.Day,2}",
        'F' => Text("yyyy-MM-dd", now),
        'H' => Text("HH", now),
        'I' => Text("hh", now),
        'j' => $"{now.DayOfYear:000}",
        'm' => Text("MM", now),
        'M' => Text("mm", now),
        'p' => Text("tt", now),
        'S' => Text("ss", now),
        'T' or 'X' => Text("HH:mm:ss", now),
        'u' => $"{(now.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)now.DayOfWeek)}",
        'w' => $"{(int)now.DayOfWeek}",
        'y' => Text("yy", now),
        'Y' => Text("yyyy", now),
        'Z' or 'z' => "",   // Python's own: its "now" has no zone
        '%' => "%",
        _ => throw new JinjaException($"strftime_now: '%{code}' is not known."),
    };

    private static string Text(string format, DateTimeOffset now) => now.ToString(format, CultureInfo.InvariantCulture);
}
