using System.Numerics;
using Cria.Checkpoints;
using Cria.Conversion;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Tests.Conversion;

/// <summary>Files that we write run elsewhere: llama.cpp opens them and goes on with the tokens that we go on with.</summary>
public sealed class LlamaCppTests : IDisposable
{
    private const int Count = 16;

    /// <summary>Every type that GGUF has too.</summary>
    internal static readonly string[] Types = [.. TypeMix.Names.Where(type => type != TypeMix.Keep && type is not ("nf4" or "nf4-dq" or "fp4"))];

    private static readonly string[] Texts =
        ["Once upon a time", "Hello, world! 123 45678", " two  spaces", "naïve café — 東京 🦙", "x = [1,\n\t2]\r\n\n", "It's WE'LL <s> <|eot_id|>"];

    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose() => folder.Dispose();

    // All logits too, not only the best of each list: an error of ours would stand out from what rounding does to all of them.
    [Fact]
    public void A_trained_model_of_every_type_has_our_logits_and_goes_on_with_our_tokens()
    {
        var questions = Types.Select(type => Question(CriaTiny.Name, type) with { Logits = true }).ToList();

        var answers = LlamaCpp.Ask(questions);

        foreach (var (type, question, answer) in Types.Zip(questions, answers))
        {
            float logits = DataType.Parse(type) is { IsFloat: true } ? Tolerances.SixteenBitActivations : Tolerances.EightBitActivations;
            Compare(question, answer, Tie(type));
            Assert.All(question.Prompts.Zip(answer.Logits), one => Assert.InRange(Distance<float>(Answers.Logits(question.Model, one.First), one.Second), 0, logits));
        }
    }

    // One layer and single tokens: a rounding that falls the other way moves the roundings after it, and in a deep pass soon all of them. A token
    // that meets none agrees to the last bits, which no accident does; how many do depends on the weights (12 to 23 of 24 over those inside).
    [Fact]
    public void What_lies_between_it_and_double_precision_is_the_rounding_of_activations()
    {
        string plain = FirstLayer();
        string[] types = ["f32", "bf16", "q8_0", "q4_0", "q5_0", "iq4_nl", "q2_k", "q3_k", "q4_k", "q6_k"];
        int[][] tokens = [.. Enumerable.Range(0, 24).Select(i => new[] { 1 + i * 97 })];
        var questions = types.Select(type => Question(plain, type) with { Texts = [], Prompts = tokens, Count = 1, Logits = true }).ToList();

        var answers = LlamaCpp.Ask(questions);

        foreach (var (type, question, answer) in types.Zip(questions, answers))
        {
            using var device = new CpuBackend(threads: 2);
            using var checkpoint = Checkpoint.Open(question.Model, device);
            var (exact, rounded) = (new PlainLlama(checkpoint, new NoRounding()), new PlainLlama(checkpoint, new LlamaCppRounding()));
            float[] toExact = [.. tokens.Zip(answer.Logits, (ids, logits) => Distance<double>(exact.Logits(ids)[0], logits)).Order()];
            float[] toRounded = [.. tokens.Zip(answer.Logits, (ids, logits) => Distance<double>(rounded.Logits(ids)[0], logits)).Order()];

            Assert.True(toRounded[tokens.Length / 3] < Tolerances.SameModel, $"{type}: two thirds of the tokens are {toRounded[tokens.Length / 3]:g3} or more from what rounding explains.");
            Assert.True(toExact[tokens.Length / 2] > 10 * Tolerances.SameModel, $"{type}: half of the tokens are no more than {toExact[tokens.Length / 2]:g3} from double precision.");
        }
    }

    [Fact]
    public void Blocks_of_256_and_scaled_frequencies_are_read()
    {
        string plain = RandomModel.Write(folder.File("plain"), RandomModel.Shape(4_096), Path.Combine(CriaTiny.Folder(), "tokenizer.model"));
        string scaled = RandomModel.Write(
            folder.File("scaled"), RandomModel.Shape(2_256) with { RotaryBase = 500_000, RotaryScaling = new Llama3RotaryScaling(8, 1, 4, 32) },
            TestData.Path("tokenizers/small/tiktoken_small.model"));
        var questions = Types.Select(type => Question(plain, type)).Append(Question(scaled, "f32")).ToList();

        var answers = LlamaCpp.Ask(questions);

        Assert.All(questions.Zip(answers), pair => Compare(pair.First, pair.Second, Tolerances.OtherKernels));
    }

    [Theory]
    [InlineData("tokenizers/llama2/tokenizer.model", 32_000)]
    [InlineData("tokenizers/llama3/tokenizer.model", 128_256)]
    public void Real_vocabularies_give_the_same_tokens(string tokenizer, int size)
    {
        string model = RandomModel.Write(
            folder.File("model"), RandomModel.Shape(size) with { HiddenSize = 64, HeadSize = 8, IntermediateSize = 64, Layers = 1, TiedHead = true }, TestData.Path(tokenizer));
        var question = Question(model, "q8_0") with { Count = 4 };

        var answer = LlamaCpp.Ask(question).Single();

        Compare(question, answer, Tolerances.OtherKernels);
    }

    // Rows of q and k stand in another order there, and α is divided by the rank of each layer: both show in what it goes on with.
    [Theory]
    [InlineData("f32")]
    [InlineData("q8_0")]
    public void A_LoRA_is_read_over_a_base_of_any_type(string type)
    {
        string peft = folder.File("peft"), gguf = folder.File("lora.gguf");
        using (var llama = Llama.Load(CriaTiny.Name))
        {
            var options = new LoraOptions { Rank = 4, Alpha = 24, Rslora = true, RankPattern = ["v_proj=2"] };
            HuggingFaceAdapter.Save(Stirred.Adapter(options.Attach(llama.Model, seed: 1), 0.05f), peft, CriaTiny.Name);
        }
        AdapterConverter.Convert(peft, gguf, CriaTiny.Name, force: false);
        var question = Question(CriaTiny.Name, type);

        var answers = LlamaCpp.Ask(question with { Adapter = gguf }, question);

        Compare(question with { Adapter = peft }, answers[0], Tie(type));
        Compare(question, answers[1], Tie(type));
        Assert.NotEqual(answers[0].Greedy, answers[1].Greedy);
    }

    // Of the trained model inside.
    private static float Tie(string type) => DataType.Parse(type) is { IsFloat: true } ? Tolerances.OtherKernels : Tolerances.EightBitTie;

    // The root of the mean square.
    private static float Distance<T>(ReadOnlySpan<T> expected, ReadOnlySpan<float> found)
        where T : INumber<T>
    {
        Assert.Equal(expected.Length, found.Length);
        double sum = 0;
        for (int i = 0; i < found.Length; i++)
            sum += Math.Pow(double.CreateChecked(expected[i]) - found[i], 2);
        return (float)Math.Sqrt(sum / found.Length);
    }

    private string FirstLayer()
    {
        string plain = folder.File("plain");
        using var device = new CpuBackend(threads: 2);
        using var source = TestData.Folder();
        File.Copy(Path.Combine(CriaTiny.Folder(), "tokenizer.model"), source.File("tokenizer.model"));
        using var model = new ModelFiles(new FirstLayers(Checkpoint.Open(CriaTiny.Folder(), device), 1), source.Path);
        ModelConverter.Write(model, plain, TypeMix.Parse("f32")!, new ConversionOptions(), TestContext.Current.CancellationToken);
        return plain;
    }

    private LlamaCppQuestion Question(string model, string type)
    {
        string path = folder.File($"{Path.GetFileName(model)}-{type}.gguf");
        ModelConverter.Convert(model, path, new ConversionOptions { Type = type }, TestContext.Current.CancellationToken);
        var tokenizer = Llama.LoadTokenizer(path);
        return new LlamaCppQuestion(path) { Texts = Texts, Count = Count, Prompts = [.. Texts.Take(2).Select(text => tokenizer.Encode(text, addBegin: true))] };
    }

    private static void Compare(LlamaCppQuestion question, LlamaCppAnswer answer, float tie)
    {
        using var llama = Llama.Load(question.Model);
        if (question.Adapter is { } adapter)
            AdapterFile.Load(llama.Model, adapter);
        Assert.Equal(question.Texts.Select(text => llama.Tokenizer.Encode(text)), answer.Ids);
        Assert.Equal(llama.Tokenizer.BeginOfText, answer.Begin);
        Assert.Contains(answer.End!.Value, llama.Tokenizer.EndOfText);
        for (int i = 0; i < answer.Greedy.Length; i++)
            Answers.AreGreedy(llama.Model, question.Prompts[i], answer.Greedy[i], tie);
    }
}
