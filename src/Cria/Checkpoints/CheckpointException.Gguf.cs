using Cria.Tensors;

namespace Cria.Checkpoints;

/// <content>GGUF files.</content>
public sealed partial class CheckpointException
{
    internal static CheckpointException NotGguf(string file, long bytes) => new($"{file}: is not a GGUF file: {(bytes == 0 ? "it is empty" : "it does not start with 'GGUF'")}.");

    internal static CheckpointException GgufVersion(string file, uint version) => new(
        $"""
        {file}: is a GGUF file of a version that Cria does not read.
          expected version 2 or 3, little-endian
          found    version {version}{(version >> 24 is 1 or 2 or 3 ? ", big-endian" : "")}
        """);

    internal static CheckpointException GgufEnds(string file, long position, string what) => new(
        $"""
        {file}: ends at byte {position:N0}, in the middle of {Quote(what)}.
        {CutShort}
        """);

    internal static CheckpointException GgufCount(string file, long position, string what, ulong count, long left) => new(
        $"""
        {file}: {Quote(what)} has an impossible length at byte {position:N0}.
          expected no more than the {left:N0} bytes that follow can hold
          found    {count:N0}
        {CutShort}
        """);

    internal static CheckpointException GgufDepth(string file, string key) => new($"{file}: metadata {Quote(key)} holds lists within lists within lists.");

    internal static CheckpointException GgufValueType(string file, string key, uint type) => new(
        $"""
        {file}: metadata {Quote(key)} is of an unknown type.
          expected a number from 0 to 12
          found    {type}
        {CutShort}
        """);

    internal static CheckpointException GgufKeyTwice(string file, string key) => new($"{file}: metadata {Quote(key)} is in the file twice.");

    internal static CheckpointException GgufKeyType(string file, string key, string expected, GgufValue found) => new(
        $"""
        {file}: metadata {Quote(key)} is of the wrong type.
          expected {expected}
          found    {found}
        """);

    internal static CheckpointException GgufKeyMissing(string file, string key) => new(
        $"{file}: metadata {Quote(key)} is missing, which a LLaMA needs.");

    internal static CheckpointException GgufKeyRange(string file, string key, string expected, string found) => new(
        $"""
        {file}: metadata {Quote(key)} has an impossible value.
          expected {expected}
          found    {found}
        """);

    internal static CheckpointException GgufTooLarge(string file, string what) => new($"{file}: {Quote(what)} holds a number of more than 63 bits.");

    internal static CheckpointException GgufAlignment(string file, long found) =>
        GgufKeyRange(file, "general.alignment", "a power of two, 1,048,576 at most", $"{found:N0}");

    internal static CheckpointException GgufUnaligned(string file, string tensor, long start, int alignment) => new(
        $"""
        {file}: tensor {Quote(tensor)} starts at an odd place.
          expected a multiple of {alignment}
          found    {start:N0}
        """);

    internal static CheckpointException GgufRow(string file, string tensor, Shape shape, string type, int block) => new(
        $"""
        {file}: tensor {Quote(tensor)} cannot be of type {type}.
          expected rows of a multiple of {block} numbers
          found    {shape}
        """);

    internal static CheckpointException Architecture(string file, string architecture) => new(
        $"""
        {file}: is not a LLaMA: its architecture is {Quote(architecture)}.
          expected 'llama' (LLaMA 1, 2, 3, 3.1, 3.2 text, 3.3 and models of the same form)
        """);

    internal static CheckpointException NotAModel(string file, string kind) => new(
        $"{file}: holds no model: it says that it is of type {Quote(kind)}.");

    internal static CheckpointException NotFirstPart(string file, long number, long count) => new(
        $"{file}: is part {number + 1} of {count}. Give the path of the first part, whose name ends in {GgufParts.Suffix(1, count)}.");

    internal static CheckpointException PartName(string file, long count) => new(
        $"{file}: says that it is the first of {count} parts, but its name does not end in {GgufParts.Suffix(1, count)}, so the others cannot be found.");

    internal static CheckpointException PartsDisagree(string file, string part) => new(
        $"{part}: is not a part of {file}. The files do not belong together: download them again.");

    internal static CheckpointException PartsIncomplete(string file, long expected, long found) => new(
        $"""
        {file}: its parts do not belong together, or one was cut short.
          expected {expected:N0} tensors in all, from split.tensors.count
          found    {found:N0}
          fix      download all parts of one model again
        """);
}
