using System.Runtime.InteropServices;

namespace Cria.Tensors;

/// <summary>Hints for the system: large arrays want pages of 2 MB (walking through memory then misses the table of pages far less often), and parts of files that were copied are not needed.</summary>
/// <remarks>Linux gives them to who asks (<c>madvise(2)</c>, <c>MADV_HUGEPAGE</c>). A hint: where it is not taken, nothing changes.</remarks>
internal static partial class MemoryAdvice
{
    private const nint PageBytes = 2 << 20;
    private const int HugePageAdvice = 14, NotNeededAdvice = 4;

    // What is smaller fills too little of a page.
    private const long LeastBytes = PageBytes / 2;

    /// <summary>Advises for every page that an array touches, which stays where it is; what shares a page with it has the same memory around it.</summary>
    public static unsafe void Advise(Storage.CacheLine[] pinned)
    {
        if (!OperatingSystem.IsLinux() || (long)pinned.Length * Storage.CacheLine.Size < LeastBytes)
            return;
        nint start = Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0), end = start + (nint)((long)pinned.Length * Storage.CacheLine.Size);
        nint first = start / PageBytes * PageBytes;
        _ = Advise(first, (end + PageBytes - 1) / PageBytes * PageBytes - first, HugePageAdvice);
    }

    /// <summary>Gives back the pages of a mapped file that lie wholly inside; they are read again when they are wanted.</summary>
    public static unsafe void Forget(byte* mapped, long length)
    {
        if (!OperatingSystem.IsLinux())
            return;
        nint page = Environment.SystemPageSize, first = ((nint)mapped + page - 1) / page * page, end = (nint)(mapped + length) / page * page;
        if (end > first)
            _ = Advise(first, end - first, NotNeededAdvice);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nint length, int advice);
}
