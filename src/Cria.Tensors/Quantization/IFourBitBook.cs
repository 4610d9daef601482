namespace Cria.Tensors.Quantization;

/// <summary>A code book of sixteen numbers from −1 to 1.</summary>
internal interface IFourBitBook
{
    /// <summary>The number of each code.</summary>
    static abstract ReadOnlySpan<float> Codes { get; }

    /// <summary>The code of the nearest number.</summary>
    static abstract int Nearest(float value);
}
