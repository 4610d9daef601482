using Cria.Tests.Tokenizers;
using Cria.Tokenizers;

namespace Cria.Tests;

/// <summary>Where a model's chat template is found.</summary>
public class TemplateFilesTests
{
    private static readonly ChatMessage Question = new(ChatRole.User, "Hi?");

    [Theory]
    [InlineData("""{"chat_template": "one {{ eos_token }}", "eos_token": "</s>"}""", "one </s>")]
    [InlineData("""{"chat_template": "one {{ eos_token }}", "eos_token": {"content": "</s>"}}""", "one </s>")]
    [InlineData("""{"chat_template": "one {{ eos_token }}"}""", "one <|end_of_text|>")]
    [InlineData("""{"chat_template": [{"name": "tool_use", "template": "tools"}, {"name": "default", "template": "usual"}]}""", "usual")]
    [InlineData("""{"chat_template": [{"name": "rag", "template": "rag"}]}""", "rag")]
    [InlineData("""{"chat_template": {"default": "usual"}}""", "usual")]
    [InlineData("""{"chat_template": null}""", "<|begin_of_text|>Hi?")]
    [InlineData("""{"chat_template": 5}""", "<|begin_of_text|>Hi?")]
    public void The_settings_of_the_tokenizer_hold_one_template_or_several(string config, string expected)
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("tokenizer_config.json"), config);

        Assert.Equal(expected, Render(ModelText.Template(null, folder.Path)));
    }

    [Fact]
    public void A_conversation_with_tools_has_a_template_of_its_own()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("tokenizer_config.json"), """{"chat_template": [{"name": "tool_use", "template": "{{ tools | length }} tools"}, {"name": "default", "template": "usual"}]}""");

        var chat = ModelText.Template(null, folder.Path).Render(Conversations.Bytes(), Conversations.Read("two tool calls"));

        Assert.Equal("2 tools", Conversations.Bytes().Decode(chat.Tokens));
    }

    [Fact]
    public void A_file_of_its_own_stands_before_the_settings()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("tokenizer_config.json"), """{"chat_template": "two", "bos_token": "<s>"}""");
        File.WriteAllText(folder.File("chat_template.jinja"), "{{ bos_token }} one\n");

        var template = ModelText.Template(null, folder.Path);

        Assert.Equal("<s> one", Render(template));
        Assert.Equal(("model", "model (chat_template.jinja)", null), (template.Name, template.ToString(), template.Warning));
        Assert.Equal("{{ bos_token }} one\n", ModelText.TemplateSource(null, folder.Path));
    }

    [Fact]
    public void A_template_that_cannot_be_read_is_replaced_by_one_with_the_same_marks_and_that_is_said()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("chat_template.jinja"), "{% include 'x' %}<|start_header_id|>");

        var template = ModelText.Template(null, folder.Path);

        Assert.Equal("chat_template.jinja: line 1, column 4: the tag 'include' is not known here: a template of a model stands alone. The built-in template llama3 is used instead.", template.Warning);
        Assert.Equal(ChatTemplate.Llama3.RenderPrompt(Conversations.Bytes(), [Question]), template.RenderPrompt(Conversations.Bytes(), [Question]));
    }

    [Fact]
    public void A_template_that_cannot_be_read_nor_replaced_fails_only_where_it_is_needed()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("chat_template.jinja"), "{% include 'x' %}");

        var template = ModelText.Template(null, folder.Path);

        Assert.Null(template.Warning);      // it would be told twice
        Assert.Contains("'include'", Assert.Throws<ChatTemplateException>(() => Render(template)).Message);
    }

    [Fact]
    public void A_file_too_long_for_a_template_is_refused()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("chat_template.jinja"), new string('x', 3_000_000));

        var template = ModelText.Template(null, folder.Path);

        Assert.Contains("more than 1000000", Assert.Throws<ChatTemplateException>(() => Render(template)).Message);
    }

    private static string Render(ChatTemplate template) => Conversations.Bytes().Decode(template.RenderPrompt(Conversations.Bytes(), [Question]), skipSpecial: false);
}
