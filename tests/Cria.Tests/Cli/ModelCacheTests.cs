using Cria.Cli;

namespace Cria.Tests.Cli;

public class ModelCacheTests
{
    [Theory]
    [InlineData("cria-tiny")]
    [InlineData("../up/there")]
    [InlineData("org/../../etc")]
    [InlineData("org/name@../../../etc")]
    [InlineData("org/name-that-nobody-downloaded")]
    public void What_is_not_in_the_cache_stays_as_it_was_typed(string model)
    {
        Assert.Equal(model, ModelCache.Resolve(model));
    }
}
