using System.Globalization;
using System.Text;

namespace Cria.Tokenizers;

/// <summary>The class of every character.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] BasicPlane = [.. Enumerable.Range(0, 0x10000).Select(OfCodeUnit)];

    public static CharacterClass Of(char c) => BasicPlane[c];

    public static CharacterClass Of(Rune rune) => rune.IsBmp ? BasicPlane[rune.Value] : Find(rune);

    private static CharacterClass OfCodeUnit(int value) => Rune.TryCreate(value, out var rune) ? Find(rune) : CharacterClass.Other;

    private static CharacterClass Find(Rune rune)
    {
        if (rune.Value is '\r' or '\n')
            return CharacterClass.LineBreak;
        if (Rune.IsWhiteSpace(rune))
            return CharacterClass.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterClass.Upper,
            UnicodeCategory.LowercaseLetter => CharacterClass.Lower,
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Caseless,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterClass.Mark,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
            _ => CharacterClass.Other,
        };
    }
}
