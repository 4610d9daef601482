namespace Cria.Tensors;

/// <summary>The kernels of a card: each file is compiled when the first of its kernels is wanted.</summary>
internal sealed unsafe class CudaKernels(CudaCard card, CudaCompiler compiler, KernelCache cache) : IDisposable
{
    private const int MaxSharedAttribute = 8, PlainSharedBytes = 32 * 1024;     // of 48 KB, of which kernels declare some themselves

    private readonly Dictionary<(string File, bool Narrow), nint> modules = [];
    private readonly Dictionary<(string File, string Kernel, bool Narrow), Function> functions = [];

    /// <summary>The function of the driver for a kernel that may use so much shared memory.</summary>
    public nint Find(DataType activations, string file, string kernel, int sharedBytes)
    {
        bool narrow = activations == DataType.BF16;
        if (!functions.TryGetValue((file, kernel, narrow), out var function))
            functions[(file, kernel, narrow)] = function = new Function(Load(Module(file, activations, narrow), kernel));
        if (sharedBytes > function.SharedBytes)
        {
            card.Check(card.Driver.FunctionSetAttribute(function.Handle, MaxSharedAttribute, sharedBytes), $"cuFuncSetAttribute for {kernel}");
            function.SharedBytes = sharedBytes;
        }
        return function.Handle;
    }

    public void Dispose()
    {
        foreach (nint module in modules.Values)
            _ = card.Driver.ModuleUnload(module);
        modules.Clear();
        functions.Clear();
    }

    private nint Load(nint module, string kernel)
    {
        using var name = new Native.NativeStrings([kernel]);
        nint function = 0;
        card.Check(card.Driver.ModuleGetFunction(&function, module, name.Pointers[0]), $"cuModuleGetFunction for {kernel}");
        return function;
    }

    private nint Module(string file, DataType activations, bool narrow)
    {
        if (modules.TryGetValue((file, narrow), out nint known))
            return known;
        var source = KernelSource.Read(file, activations);
        string hash = source.Hash(compiler.Identity);
        if (cache.Find(hash) is { } kept && TryLoad(kept, out nint module) == 0)
            return modules[(file, narrow)] = module;
        byte[] code = compiler.Compile(source);
        card.Check(TryLoad(code, out module), $"cuModuleLoadData for {file}.cu");
        cache.Keep(hash, code);
        return modules[(file, narrow)] = module;
    }

    private int TryLoad(byte[] code, out nint module)
    {
        nint loaded = 0;
        int result;
        fixed (byte* start = code)
            result = card.Driver.ModuleLoad(&loaded, start);
        module = loaded;
        return result;
    }

    private sealed class Function(nint handle)
    {
        public nint Handle => handle;

        public int SharedBytes { get; set; } = PlainSharedBytes;
    }
}
