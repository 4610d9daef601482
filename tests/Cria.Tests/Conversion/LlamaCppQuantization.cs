using System.Runtime.InteropServices;

namespace Cria.Tests.Conversion;

/// <summary>llama.cpp's own quantisation, called in its native libraries.</summary>
internal static class LlamaCppQuantization
{
    // Far larger than the settings of any version: they begin with the number of threads and the kind of file, and the rest are defaults.
    private const int SettingsBytes = 1024, ThreadsAt = 0, FileTypeAt = 4;

    // A line per tensor would hide a failed test's message. Native code keeps the pointer, so the delegate must live as long as the process.
    private static readonly Log Silent = (_, _, _) => { };

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nuint QuantizeChunk(int type, float[] from, byte[] to, long start, long rows, long columns, nint importance);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint DefaultSettings(nint settings);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate uint QuantizeModel([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to, nint settings);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Log(int level, nint text, nint data);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void SetLog(Log log, nint data);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void LoadBackends([MarshalAs(UnmanagedType.LPUTF8Str)] string folder);

    /// <summary>Numbers in blocks of a type (<c>ggml_quantize_chunk</c>).</summary>
    public static byte[] Quantize(float[] numbers, int columns, uint type, int bytes)
    {
        var to = new byte[bytes];
        var quantize = Function<QuantizeChunk>("libggml-base.so", "ggml_quantize_chunk");
        Assert.Equal((nuint)bytes, quantize((int)type, numbers, to, 0, numbers.Length / columns, columns, 0));
        return to;
    }

    /// <summary>A file of another kind from a GGUF file, as the program llama-quantize makes it.</summary>
    public static void QuantizeFile(string from, string to, int fileType)
    {
        Function<SetLog>("libllama.v0.5.0.so", "llama_log_set")(Silent, 0);
        Function<LoadBackends>("libggml.v0.5.0.so", "ggml_backend_load_all_from_path")(LlamaCpp.Libraries);
        nint settings = Marshal.AllocHGlobal(SettingsBytes);
        try
        {
            // A struct of this size is returned through a hidden first argument.
            Function<DefaultSettings>("libllama.v0.5.0.so", "llama_model_quantize_default_params")(settings);
            Marshal.WriteInt32(settings, ThreadsAt, 1);
            Marshal.WriteInt32(settings, FileTypeAt, fileType);
            Assert.Equal(0u, Function<QuantizeModel>("libllama.v0.5.0.so", "llama_model_quantize")(from, to, settings));
        }
        finally
        {
            Marshal.FreeHGlobal(settings);
        }
    }

    private static T Function<T>(string library, string name)
        where T : Delegate
    {
        string path = Path.Combine(LlamaCpp.Libraries, library);
        // What it needs stands beside it, where the loader of the system does not look.
        foreach (string needed in (string[])["libggml-base.so", "libggml.v0.5.0.so"])
            NativeLibrary.Load(Path.Combine(LlamaCpp.Libraries, needed));
        return Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(NativeLibrary.Load(path), name));
    }
}
