using System.Reflection;

namespace Cria.Tests.House;

/// <summary>What users of the library can call. A change here is a change to them: it needs a line in the changelog.</summary>
public class PublicApiTests
{
    [Theory]
    [InlineData("Cria.Tensors")]
    [InlineData("Cria")]
    public void The_public_surface_is_the_committed_one(string assembly)
    {
        string surface = PublicApi.Of(Assembly.Load(assembly));

        Snapshot.Match($"PublicApi.{assembly}.txt", surface);
    }

    [Fact]
    public void The_command_offers_no_types()
    {
        Assert.Empty(Assembly.Load("Cria.Cli").GetExportedTypes());
    }
}
