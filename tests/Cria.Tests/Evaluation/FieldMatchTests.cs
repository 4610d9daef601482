using Cria.Evaluation;

namespace Cria.Tests.Evaluation;

public class FieldMatchTests
{
    private const string Expected = """{"who":"Hugo","count":6,"color":"black","what":"flags"}""";

    [Theory]
    [InlineData(Expected, 1)]
    [InlineData("""{"what":"flags","color":"black","who":"Hugo","count":6}""", 1)]
    [InlineData("""{"who":"Hugo","count":5,"color":"black","what":"eggs"}""", 0.5)]
    [InlineData("""{"who":"Hugo","who":"Anna","count":"6"}""", 0)]
    [InlineData("""{"who":"\ud800","count":1e99999999999,"color":"black","what":"\udc00"}""", 0.25)]
    [InlineData("""{"\ud800":1,"color":"black"}""", 0.25)]
    [InlineData("""{"who":"Hugo" """, 0)]
    [InlineData("Hugo has six flags", 0)]
    [InlineData("""["Hugo",6]""", 0)]
    public void Each_member_counts_for_itself(string found, double share)
    {
        Assert.Equal(share, FieldMatch.Share([Answer(Expected, found)]));
    }

    [Fact]
    public void Where_no_object_is_expected_an_answer_is_right_or_wrong()
    {
        Assert.Equal(0.5, FieldMatch.Share([Answer("six", "six"), Answer("six", "seven")]));
        Assert.Equal(0, FieldMatch.Share([]));
    }

    private static Answered Answer(string expected, string found) => new(new Question("?", expected), found, expected == found);
}
