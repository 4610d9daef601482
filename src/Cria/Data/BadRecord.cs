namespace Cria.Data;

/// <summary>A record that training refuses, or does not take whole.</summary>
/// <param name="Origin">Where it stands.</param>
/// <param name="Fault">The kind of its fault.</param>
/// <param name="Reason">What is wrong, in words.</param>
public sealed record BadRecord(RecordOrigin Origin, DataFault Fault, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Origin}: {Reason}";
}
