namespace Cria.Tensors.Tests.Cuda;

public class KernelSourceTests
{
    [Fact]
    public void Everything_that_changes_the_code_changes_the_hash()
    {
        var source = KernelSource.Read("add", DataType.F32);
        string[] hashes =
        [
            source.Hash("nvrtc 13.0 sm_90a"), source.Hash("nvrtc 13.0 sm_80"), KernelSource.Read("add", DataType.BF16).Hash("nvrtc 13.0 sm_90a"),
            KernelSource.Read("add LANES=4", DataType.F32).Hash("nvrtc 13.0 sm_90a"), (source with { Text = source.Text + " " }).Hash("nvrtc 13.0 sm_90a"),
            (source with { Headers = new Dictionary<string, string>() }).Hash("nvrtc 13.0 sm_90a"),
        ];

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
        Assert.Equal(hashes[0], KernelSource.Read("add", DataType.F32).Hash("nvrtc 13.0 sm_90a"));
    }

    [Fact]
    public void Words_behind_a_name_are_definitions()
    {
        var source = KernelSource.Read("add LANES=4 GROUP=2", DataType.BF16);

        Assert.Equal("add", source.Name);
        Assert.Equal(["-DACT_BF16=1", "-DLANES=4", "-DGROUP=2"], source.Options);
    }

    [Fact]
    public void Kernels_include_no_headers_but_ours()
    {
        var files = typeof(KernelSource).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".cu", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            var source = KernelSource.Read(file[..^3], DataType.F32);
            foreach (string line in source.Text.Split('\n').Where(line => line.StartsWith("#include", StringComparison.Ordinal)))
                Assert.Contains(line[(line.IndexOf('"') + 1)..].TrimEnd('"', '\r'), source.Headers.Keys);
        }
    }
}
