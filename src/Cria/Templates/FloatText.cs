using System.Globalization;

namespace Cria.Templates;

/// <summary>A float as Python writes it: the fewest digits that read back the same, with an exponent below 10⁻⁴ and from 10¹⁶.</summary>
internal static class FloatText
{
    public static string Of(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        string sign = double.IsNegative(value) ? "-" : "";
        var (digits, exponent) = Parts(Math.Abs(value).ToString("R", CultureInfo.InvariantCulture));
        return sign + Text(digits, exponent);
    }

    // 0.00123 and 1.23E-03 both are the digits 123 and the exponent -3.
    private static (string Digits, int Exponent) Parts(string shortest)
    {
        int e = shortest.IndexOf('E', StringComparison.Ordinal);
        string mantissa = e < 0 ? shortest : shortest[..e];
        int scale = e < 0 ? 0 : int.Parse(shortest[(e + 1)..], CultureInfo.InvariantCulture);
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        string all = mantissa.Replace(".", "", StringComparison.Ordinal), digits = all.TrimStart('0');
        if (digits.Length == 0)
            return ("0", 0);
        return (digits.TrimEnd('0'), scale + (point < 0 ? mantissa.Length : point) - 1 - (all.Length - digits.Length));
    }

    private static string Text(string digits, int exponent)
    {
        if (exponent is < -4 or >= 16)
            return $"{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        if (exponent < 0)
            return $"0.{new string('0', -exponent - 1)}{digits}";
        digits = digits.PadRight(exponent + 1, '0');
        return $"{digits[..(exponent + 1)]}.{(digits.Length > exponent + 1 ? digits[(exponent + 1)..] : "0")}";
    }
}
