using Cria.Cli;
using Cria.Cli.Hub;

namespace Cria.Tests.Hub;

public class FileChoiceTests
{
    private static readonly HubName Name = new("org/name");

    [Theory]
    [InlineData("as transformers writes it",
        "config.json model.safetensors tokenizer.json LICENSE.txt",
        "README.md .gitattributes pytorch_model.bin original/consolidated.00.pth original/tokenizer.model original/params.json onnx/model.onnx figures/a.png")]
    [InlineData("in parts, with a copy in another form",
        "config.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json tokenizer.model",
        "consolidated.safetensors pytorch_model-00001-of-00001.bin pytorch_model.bin.index.json")]
    [InlineData("the only vocabulary beside the original weights", "config.json model.safetensors original/tokenizer.model", "original/consolidated.00.pth")]
    [InlineData("before safetensors", "config.json pytorch_model.bin tokenizer.model", "training_args.bin rng_state.pth")]
    [InlineData("as Meta lays it out", "params.json consolidated.00.pth consolidated.01.pth tokenizer.model", "checklist.chk example.py")]
    [InlineData("only under original", "original/params.json original/consolidated.00.pth original/tokenizer.model", "README.md")]
    [InlineData("an adapter", "adapter_config.json adapter_model.safetensors", "README.md optimizer.pt checkpoint-1/adapter_model.safetensors")]
    [InlineData("one GGUF", "tiny-q8_0.gguf", "README.md imatrix.gguf mmproj-f16.gguf")]
    public void What_a_LLaMA_needs_is_taken_and_no_copy_of_it(string kind, string taken, string left)
    {
        var chosen = Choose($"{taken} {left}");

        Assert.True(taken.Split(' ').Order(StringComparer.Ordinal).SequenceEqual(chosen), $"{kind}: {string.Join(' ', chosen)}");
    }

    [Fact]
    public void Patterns_take_the_place_of_the_default()
    {
        Assert.Equal(["README.md", "a/b.md"], Choose("README.md a/b.md config.json model.safetensors", include: ["*.md"]));
        Assert.Equal(["config.json"], Choose("config.json model.safetensors", exclude: ["*.safetensors"]));
        Assert.Equal(["README.md"], Choose("README.md a/b.md", include: ["*.md"], exclude: ["a/"]));
    }

    [Fact]
    public void Nothing_to_fetch_is_a_mistake()
    {
        var wrong = Assert.Throws<UsageException>(() => Choose("README.md", include: ["*.bin"]));

        Assert.Equal("org/name: none of its 1 files is to be fetched. It has 'README.md'; name what you want with --include.", wrong.Message);
    }

    [Theory]
    [InlineData("m-Q4_K_M.gguf", "q4_k_m", true)]
    [InlineData("m.Q4_K_M.gguf", "Q4_K_M", true)]
    [InlineData("m-Q4_K_M.gguf", "q4_k", false)]
    [InlineData("m-IQ4_K.gguf", "q4_k", false)]
    public void A_type_is_a_word_of_its_own(string file, string type, bool fits)
    {
        Assert.Equal(fits, GgufChoice.IsOfType(file, type));
    }

    private static string[] Choose(string files, string[]? include = null, string[]? exclude = null)
    {
        var listing = new HubListing(new string('a', 40), [.. files.Split(' ').Select(file => new HubFile(file, 1, new string('b', 40)))]);
        return [.. new FileChoice(include ?? [], exclude ?? [], null).Of(listing, Name).Select(file => file.Path).Order(StringComparer.Ordinal)];
    }
}
