using System.Text;
using System.Text.RegularExpressions;

namespace Cria.Cli.Hub;

/// <summary>Patterns for files as Python's fnmatch reads them: <c>*</c> any letters, slashes too; <c>?</c> one; <c>[a-z]</c> one of these. A folder stands for all in it.</summary>
internal static class Glob
{
    public static bool IsMatch(string pattern, string path) =>
        Regex.IsMatch(path, Expression(pattern.EndsWith('/') ? $"{pattern}*" : pattern), RegexOptions.NonBacktracking | RegexOptions.Singleline);

    private static string Expression(string pattern)
    {
        var expression = new StringBuilder(@"\A");
        for (int i = 0; i < pattern.Length; i++)
        {
            int end = pattern[i] == '[' ? pattern.IndexOf(']', Math.Min(i + 2, pattern.Length)) : -1;
            if (end > 0)
            {
                expression.Append(Set(pattern[(i + 1)..end]));
                i = end;
            }
            else
                expression.Append(pattern[i] switch { '*' => ".*", '?' => ".", var letter => Regex.Escape(letter.ToString()) });
        }
        return expression.Append(@"\z").ToString();
    }

    private static string Set(string letters)
    {
        bool negated = letters[0] == '!';
        string escaped = Regex.Replace(negated ? letters[1..] : letters, @"[\\\[\]^]", @"\$0");
        return $"[{(negated ? "^" : "")}{escaped}]";
    }
}
