using Cria.Generation;
using Cria.Models;
using Cria.Tokenizers;

namespace Cria.Evaluation;

/// <summary>A question with the answer that counts as right.</summary>
public readonly record struct Question(string Prompt, string Answer);

/// <summary>What a model answered.</summary>
/// <param name="Question">The question.</param>
/// <param name="Found">The model's text.</param>
/// <param name="IsRight">Whether it equals the expected answer, spaces at both ends aside.</param>
public sealed record Answered(Question Question, string Found, bool IsRight);

/// <summary>Asks questions greedily and counts the answers that are right to the letter.</summary>
public sealed class ExactMatch(LlamaModel model, Tokenizer tokenizer, ChatTemplate template)
{
    // So many questions are answered together: a step reads the weights once for all of them.
    private const int Together = 25;

    /// <summary>Answers every question, in the order given.</summary>
    /// <param name="questions">What to ask.</param>
    /// <param name="maxTokens">Where an answer that does not end is cut off, and is wrong.</param>
    /// <param name="progress">Told how many are answered.</param>
    /// <param name="stop">Ends early.</param>
    public IReadOnlyList<Answered> Run(IReadOnlyList<Question> questions, int maxTokens, IProgress<int>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        var generator = new Generator(model, tokenizer);
        var options = new SamplingOptions { MaxTokens = maxTokens };
        var answered = new List<Answered>();
        foreach (var part in questions.Chunk(Together))
        {
            stop.ThrowIfCancellationRequested();
            var prompts = part.Select(question => template.RenderPrompt(tokenizer, question.Prompt)).ToList();
            var found = generator.Batch(prompts, options, stop);
            answered.AddRange(part.Zip(found, (question, sequence) => Check(question, sequence)));
            progress?.Report(answered.Count);
        }
        return answered;
    }

    /// <summary>The share of right answers, from 0 to 1.</summary>
    public static double Share(IReadOnlyList<Answered> answered)
    {
        ArgumentNullException.ThrowIfNull(answered);
        return answered.Count == 0 ? 0 : (double)answered.Count(answer => answer.IsRight) / answered.Count;
    }

    private static Answered Check(Question question, GeneratedSequence sequence)
    {
        bool ended = sequence.Finish == FinishReason.EndOfText;
        return new Answered(question, sequence.Text, ended && sequence.Text.Trim() == question.Answer.Trim());
    }
}
