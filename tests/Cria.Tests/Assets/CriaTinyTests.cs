namespace Cria.Tests.Assets;

public class CriaTinyTests
{
    [Fact]
    public void Many_may_ask_for_the_model_inside_at_once()
    {
        Directory.Delete(CriaTiny.Folder(), recursive: true);

        Parallel.For(0, 8, _ => Assert.True(File.Exists(Path.Combine(CriaTiny.Folder(), "model.safetensors"))));
    }
}
