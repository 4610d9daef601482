namespace Cria.Conversion;

/// <summary>What a conversion made.</summary>
/// <param name="Out">The file or folder.</param>
/// <param name="BytesIn">Bytes of the source's tensors.</param>
/// <param name="BytesOut">Bytes of the tensors written.</param>
/// <param name="Types">One line for each storage type written, the one with most numbers first.</param>
public sealed record ConversionReport(string Out, long BytesIn, long BytesOut, IReadOnlyList<WrittenType> Types);

/// <summary>The tensors that were written in one storage type.</summary>
/// <param name="Type">The type's name.</param>
/// <param name="Tensors">How many tensors there are.</param>
/// <param name="Numbers">How many numbers they hold.</param>
/// <param name="Bytes">How many bytes they take.</param>
/// <param name="Error">√(Σ (w − ŵ)² / Σ w²): the root mean square of what storing them changed, over that of the numbers.</param>
public sealed record WrittenType(string Type, int Tensors, long Numbers, long Bytes, double Error);
