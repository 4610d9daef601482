using Cria.Evaluation;
using Cria.Tokenizers;

namespace Cria.Tests.Evaluation;

public class TokenMatchTests
{
    [Fact]
    public void What_the_model_itself_would_say_is_right_and_else_only_what_happens_to_agree()
    {
        using var llama = Llama.Load(CriaTiny.Name);
        var own = new ExactMatch(llama.Model, llama.Tokenizer, llama.Template).Run([new Question("Once upon a time there was", "")], maxTokens: 8, stop: TestContext.Current.CancellationToken)[0].Found;
        var match = new TokenMatch(llama.Model, llama.Tokenizer, llama.Template);

        double Share(params Question[] questions) => match.Share(questions, TestContext.Current.CancellationToken);
        double same = Share(new Question("Once upon a time there was", own)), other = Share(new Question("Once upon a time there was", "zq zq zq zq"));

        Assert.InRange(same, 0.7, 1);       // the end, which was cut off, need not be its choice
        Assert.InRange(other, 0, 0.3);
        Assert.Equal(0, Share());
    }
}
