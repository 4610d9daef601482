using Cria.Models;
using Cria.Tokenizers;

namespace Cria.Evaluation;

/// <summary>Of the tokens of the expected answers the share that the model would choose, each behind the right ones before it.</summary>
/// <remarks>It tells apart methods that <see cref="ExactMatch"/> does not: those of which none, or all, answer to the letter.</remarks>
public sealed class TokenMatch(LlamaModel model, Tokenizer tokenizer, ChatTemplate template)
{
    /// <summary>The share over all answers, the token that ends each included, from 0 to 1.</summary>
    public double Share(IReadOnlyList<Question> questions, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(questions);
        var scorer = new Scorer(model);
        long right = 0, all = 0;
        foreach (var question in questions)
        {
            stop.ThrowIfCancellationRequested();
            var chat = template.Render(tokenizer, new ChatConversation([new ChatMessage(ChatRole.User, question.Prompt), new ChatMessage(ChatRole.Assistant, question.Answer)]));
            var scored = scorer.Score(chat.Tokens).Tokens;
            for (int i = 0; i < chat.Tokens.Length; i++)
            {
                all += chat.Answer[i] ? 1 : 0;
                right += chat.Answer[i] && scored[i].Top?.Token == chat.Tokens[i] ? 1 : 0;
            }
        }
        return all == 0 ? 0 : (double)right / all;
    }
}
