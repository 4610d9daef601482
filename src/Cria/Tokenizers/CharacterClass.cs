namespace Cria.Tokenizers;

/// <summary>What the patterns of <see cref="Splitter"/> ask of a character. Each has exactly one; several together are a set.</summary>
[Flags]
internal enum CharacterClass : byte
{
    /// <summary>Anything that is none of the others.</summary>
    Other = 1,

    /// <summary>Capital and title letters: Lu, Lt.</summary>
    Upper = 2,

    /// <summary>Small letters: Ll.</summary>
    Lower = 4,

    /// <summary>Letters without case: Lm, Lo.</summary>
    Caseless = 8,

    /// <summary>Marks that stand on a letter: Mn, Mc, Me.</summary>
    Mark = 16,

    /// <summary>Nd, Nl, No.</summary>
    Number = 32,

    /// <summary>White space but for line breaks.</summary>
    Space = 64,

    /// <summary>\r or \n.</summary>
    LineBreak = 128,

    /// <summary>\p{L}</summary>
    Letter = Upper | Lower | Caseless,

    /// <summary>\s</summary>
    AnySpace = Space | LineBreak,
}
