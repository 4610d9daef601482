using Cria.Cli.Sessions;
using Cria.Evaluation;

namespace Cria.Cli.Comparing;

/// <summary>The questions that are asked before and after, or none: then the perplexity of the validation data is the score.</summary>
internal sealed class Exam(CompareOptions options, Terminal terminal)
{
    private readonly IReadOnlyList<Question> questions = options.Test is null ? [] : QuestionFile.Read(options.Test);

    /// <summary>How the score is called.</summary>
    public string Score => options.Test is null ? "perplexity" : options.Score;

    /// <summary>What the score counts, in words.</summary>
    public string Meaning => options.Test is null ? "perplexity of the validation data"
        : options.Score == CompareOptions.Tokens ? $"tokens of the answers to {Questions} unseen questions that the model would choose"
        : options.Score == CompareOptions.Fields ? $"fields of the answers to {Questions} unseen questions that are right"
        : $"answers to {Questions} unseen questions that are right to the letter";

    /// <summary>Whether more is better.</summary>
    public bool IsShare => options.Test is not null;

    /// <summary>The same for the side of a picture.</summary>
    public string Axis => Score switch
    {
        CompareOptions.Tokens => "tokens of unseen answers that are right, %",
        CompareOptions.Fields => "fields of unseen answers that are right, %",
        CompareOptions.ExactMatch => "unseen answers right to the letter, %",
        _ => Meaning,
    };

    public int Questions => questions.Count;

    /// <summary>The score of a model as it stands.</summary>
    /// <param name="llama">The model.</param>
    /// <param name="validationLoss">Its loss on the validation data, where the score is made of that.</param>
    /// <param name="stop">Ends early.</param>
    public double? Of(Llama llama, double? validationLoss, CancellationToken stop)
    {
        if (!IsShare)
            return validationLoss is { } loss ? Math.Exp(loss) : null;
        terminal.Error.WriteLine($"answering {questions.Count} questions ...");
        if (options.Score == CompareOptions.Tokens)
            return new TokenMatch(llama.Model, llama.Tokenizer, llama.Template).Share(questions, stop);
        var answered = new ExactMatch(llama.Model, llama.Tokenizer, llama.Template).Run(questions, options.MaxAnswerTokens, null, stop);
        return options.Score == CompareOptions.Fields ? FieldMatch.Share(answered) : ExactMatch.Share(answered);
    }
}
