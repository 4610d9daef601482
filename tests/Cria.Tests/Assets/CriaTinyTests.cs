namespace Cria.Tests.Assets;

public class CriaTinyTests
{
    [Fact]
    public void Many_may_ask_for_the_model_inside_at_once()
    {
        using var cache = TestData.Folder();

        Parallel.For(0, 8, _ => Assert.True(File.Exists(Path.Combine(CriaTiny.Folder(cache.Path), "model.safetensors"))));
    }
}
