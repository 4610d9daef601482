using System.Runtime.InteropServices;

namespace Cria.Tensors.Native;

/// <summary>Texts as C expects them, until disposed.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly byte** pointers;

    public NativeStrings(IReadOnlyList<string> texts)
    {
        Count = texts.Count;
        pointers = (byte**)NativeMemory.Alloc((nuint)Math.Max(1, Count), (nuint)sizeof(byte*));
        for (int i = 0; i < Count; i++)
            pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
    }

    public int Count { get; }

    public byte** Pointers => pointers;

    public void Dispose()
    {
        for (int i = 0; i < Count; i++)
            Marshal.FreeCoTaskMem((nint)pointers[i]);
        NativeMemory.Free(pointers);
    }
}
