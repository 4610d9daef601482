namespace Cria.Tests;

public class ProblemsTests
{
    [Fact]
    public void All_problems_come_at_once_a_line_each()
    {
        var problems = new Problems();
        problems.Unless(false, "steps: must be 1 or more, got 0.");
        problems.Unless(true, "never: said.");
        problems.UnlessOneOf("schedule", "cosin", ["cosine", "linear"]);

        var thrown = Assert.Throws<OptionsException>(problems.ThrowIfAny);

        Assert.Equal(["steps: must be 1 or more, got 0.", "schedule: 'cosin' is not one of cosine, linear. Did you mean 'cosine'?"], thrown.Problems);
        Assert.Equal(string.Join(Environment.NewLine, thrown.Problems), thrown.Message);
    }

    [Fact]
    public void No_problem_throws_nothing()
    {
        var problems = new Problems();

        problems.ThrowIfAny();

        Assert.True(problems.None);
    }

    [Theory]
    [InlineData("qproj", "q_proj")]
    [InlineData("LORA", "lora")]
    [InlineData("batchsize", "batch_size")]
    [InlineData("zebra", null)]
    [InlineData("", null)]
    public void The_closest_word_is_found_only_where_one_is_close(string typed, string? expected)
    {
        Assert.Equal(expected, ClosestWord.To(typed, ["q_proj", "k_proj", "lora", "batch_size"]));
    }
}
