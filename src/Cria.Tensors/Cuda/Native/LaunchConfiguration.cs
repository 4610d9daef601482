using System.Runtime.InteropServices;

namespace Cria.Tensors.Native;

/// <summary>How a kernel is launched: <c>CUlaunchConfig</c> of <c>cuda.h</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LaunchConfiguration
{
    public uint BlocksX, BlocksY, BlocksZ, ThreadsX, ThreadsY, ThreadsZ, SharedBytes;
    public nint Stream;
    public LaunchAttribute* Attributes;
    public uint AttributeCount;
}

/// <summary>One wish for a launch: <c>CUlaunchAttribute</c>, a number and a union of 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct LaunchAttribute
{
    private const int ProgrammaticStreamSerialization = 6;

    [FieldOffset(0)]
    public int Which;

    [FieldOffset(8)]
    public int Value;

    /// <summary>The kernel may start while the one before it ends.</summary>
    public static LaunchAttribute StartsEarly => new() { Which = ProgrammaticStreamSerialization, Value = 1 };
}
