namespace Cria.Generation;

/// <summary>Why a continuation ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended its text.</summary>
    EndOfText,

    /// <summary>A stop string came.</summary>
    StopString,

    /// <summary>The most tokens were reached.</summary>
    Length,
}
