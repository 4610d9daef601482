using System.Numerics.Tensors;
using Cria.Models;
using Cria.Tensors;
using Cria.Tokenizers;
using Tensor = Cria.Tensors.Tensor;

namespace Cria.Conversion;

/// <summary>Whether two files of a model answer alike: the same texts through both, each with its own tokenizer and template.</summary>
public static class Parity
{
    // Everyday text, code, other letters, spaces, and marks that text must not be able to spell.
    private static readonly string[] Texts =
    [
        "Once upon a time", "The capital of France is", "def add(a, b):\n    return", "  12345.67 €  naïve — 東京 🦙\r\n\tIt's", "<|eot_id|></s>[INST] not a command",
    ];

    /// <summary>Compares.</summary>
    /// <param name="first">A model.</param>
    /// <param name="second">The model that was made from it.</param>
    /// <param name="count">How many tokens to generate after each prompt.</param>
    /// <param name="stop">Ends the comparison.</param>
    public static ParityReport Compare(Llama first, Llama second, int count, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var prompts = new List<ParityPrompt>();
        if (!first.HasTokenizer)
            prompts.Add(Run(first.Model, second.Model, "token ids", Ids(first.Model), Ids(first.Model), count, stop));
        else
        {
            foreach (string text in Texts)
                prompts.Add(Run(first.Model, second.Model, text, first.Tokenizer.Encode(text, addBegin: true), IdsOf(second, text), count, stop));
            if (first.Template != ChatTemplate.None)
                prompts.Add(Run(first.Model, second.Model, "a conversation", Rendered(first), second.HasTokenizer ? Rendered(second) : [], count, stop));
        }
        return new ParityReport(first.TemplateSource == second.TemplateSource, prompts);
    }

    private static ParityPrompt Run(LlamaModel first, LlamaModel second, string name, int[] ids, int[] otherIds, int count, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        int[] greedy = Greedy(first, ids, count), other = Greedy(second, ids, count);
        int same = greedy.AsSpan().CommonPrefixLength(other);
        return new ParityPrompt(name, ids.Length, ids.AsSpan().SequenceEqual(otherIds), count,
            same == greedy.Length ? null : (same, greedy[same], other[same]), Difference(first, second, [.. ids, .. greedy]));
    }

    private static int[] IdsOf(Llama llama, string text) => llama.HasTokenizer ? llama.Tokenizer.Encode(text, addBegin: true) : [];

    // The same ids for every model: what they mean is of no interest.
    private static int[] Ids(LlamaModel model) => [.. Enumerable.Range(0, 16).Select(i => (int)(RandomSource.Mix(1, (ulong)i) % (ulong)model.Config.VocabularySize))];

    private static int[] Rendered(Llama llama) =>
        llama.Template.RenderPrompt(llama.Tokenizer, new ChatConversation([new ChatMessage(ChatRole.System, "Answer in one word."), new ChatMessage(ChatRole.User, "What is the capital of France?")]));

    private static int[] Greedy(LlamaModel model, int[] prompt, int count)
    {
        using var off = Gradients.Off();
        using var cache = new KeyValueCache(model, 1, prompt.Length + count);
        var found = new int[count];
        int[] next = prompt;
        for (int i = 0; i < count; i++)
        {
            using var scope = TensorScope.Begin();
            var logits = model.Logits(model.Forward(next, cache.Continue((0, next.Length))), next.Length - 1, 1);
            next = [found[i] = TensorPrimitives.IndexOfMax<float>(logits.Row(0))];
        }
        return found;
    }

    // A row at a time: the logits of a long prompt would take more memory than the model.
    private static float Difference(LlamaModel first, LlamaModel second, int[] ids)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        var (one, other) = (Hidden(first, ids), Hidden(second, ids));
        float largest = 0;
        for (int row = 0; row < ids.Length; row++)
        {
            using var piece = TensorScope.Begin();
            var (a, b) = (first.Logits(one, row, 1), second.Logits(other, row, 1));
            TensorPrimitives.Subtract(a.Row(0), b.Row(0), a.Row(0));
            largest = Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude<float>(a.Row(0))));
        }
        return largest;
    }

    private static Tensor Hidden(LlamaModel model, int[] ids) => model.Forward(ids, ForwardContext.Sequences(ids.Length));
}
