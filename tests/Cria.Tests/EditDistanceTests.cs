namespace Cria.Tests;

public class EditDistanceTests
{
    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("q_proj", "qproj", 1)]
    [InlineData("same", "same", 0)]
    public void Letters_that_change_are_counted(string a, string b, int distance)
    {
        Assert.Equal(distance, EditDistance.Of(a, b));
        Assert.Equal(distance, EditDistance.Of(b, a));
    }
}
