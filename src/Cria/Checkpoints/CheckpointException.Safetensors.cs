using Cria.Tensors;

namespace Cria.Checkpoints;

/// <content>Safetensors files.</content>
public sealed partial class CheckpointException
{
    private const string CutShort = "  fix      the file was cut short or damaged: download or copy it again";

    internal static CheckpointException NoHeader(string file, long found) => new(
        $"""
        {file}: is not a safetensors file.
          expected 8 bytes with the length of a header, and the header
          found    {found:N0} bytes in all
        """);

    internal static CheckpointException HeaderLength(string file, ulong found, long left) => new(
        $"""
        {file}: has a header of impossible length.
          expected {Math.Min(left, SafetensorsHeader.MaxLength):N0} bytes at most
          found    {found:N0} bytes
        {CutShort}
        """);

    internal static CheckpointException BadHeader(string file, string what) => new($"{file}: the safetensors header is damaged: {what}");

    internal static CheckpointException Duplicate(string file, string tensor) => new($"{file}: tensor {Quote(tensor)} is in the file twice.");

    internal static CheckpointException TooManyTensors(string file) => new(
        $"{file}: lists more than {Checkpoint.MaxTensors:N0} tensors, which no model needs.");

    internal static CheckpointException TooManyAxes(string file, string tensor) => new(
        $"{file}: tensor {Quote(tensor)} has more than {Shape.MaxRank} axes, which is the most that Cria reads.");

    internal static CheckpointException TooLarge(string file, string tensor, string shape) => new(
        $"{file}: tensor {Quote(tensor)} has an impossible shape, {shape}.");

    internal static CheckpointException WrongLength(string file, string tensor, string type, Shape shape, long expected, long found) => new(
        $"""
        {file}: tensor {Quote(tensor)} has the wrong number of bytes.
          expected {expected:N0}, from {shape} numbers of type {type}
          found    {found:N0}
        """);

    internal static CheckpointException OutsideFile(string file, string tensor, long start, ulong end, long length) => new(
        $"""
        {file}: tensor {Quote(tensor)} lies outside of the file.
          expected a place within the {length:N0} bytes of data
          found    bytes {start:N0} to {end:N0}
        {CutShort}
        """);

    internal static CheckpointException Overlap(string file, string first, string second) => new(
        $"{file}: tensors {Quote(first)} and {Quote(second)} overlap.");

    internal static CheckpointException Gap(string file, long start, long end) => new(
        $"{file}: bytes {start:N0} to {end:N0} of the data belong to no tensor, which the format forbids.");

    internal static CheckpointException NotStorable(string file, string tensor, string type) => new(
        $"{file}: tensor {Quote(tensor)} is of type {type}, which safetensors files cannot hold; convert it to f32, f16 or bf16.");
}
