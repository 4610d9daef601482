using System.Text;
using Cria.Templates;

namespace Cria.Tests.Templates;

public class JinjaTemplateTests
{
    public static TheoryData<int, string> Known
    {
        get
        {
            var data = new TheoryData<int, string>();
            foreach (var (i, snippet) in Snippets.Read("snippets").Index())
                data.Add(i, (string)snippet!["template"]!);
            return data;
        }
    }

    [Theory, MemberData(nameof(Known))]
    public void A_snippet_gives_what_Jinja2_gives(int index, string template)
    {
        var snippet = Snippets.Read("snippets")[index]!;

        string? found = Snippets.Render(template, snippet["variables"]!);

        Assert.Equal((string?)snippet["expected"], found);
    }

    [Theory]
    [InlineData("a\nb {{ x | frob }}", "line 2, column 10: the filter 'frob' is not known.")]
    [InlineData("{{ x | trin }}", "line 1, column 8: the filter 'trin' is not known. Is it 'trim'?")]
    [InlineData("{% if x is defind %}{% endif %}", "line 1, column 9: the test 'defind' is not known. Is it 'defined'?")]
    [InlineData("{% include 'x' %}", "line 1, column 4: the tag 'include' is not known here: a template of a model stands alone.")]
    [InlineData("{% if true %}x", "line 1, column 1: the block has no end: '{% endif %}' is missing.")]
    [InlineData("\n  {{ m.content.text }}", "line 2, column 7: 'm' is not defined.")]
    [InlineData("{{ messages[0].role }}", "line 1, column 12: 'messages' is not defined.")]
    [InlineData("{{ 'a' + 1 }}", "line 1, column 8: '+' does not work on a text and a whole number.")]
    [InlineData("{{ (1, 2 }}", "line 1, column 10: '}' closes nothing.")]
    [InlineData("{{ 1 2 }}", "line 1, column 6: expected '}}', found '2'.")]
    [InlineData("{{ [].append(1) }}", "line 1, column 13: 'append' would change a list; a template cannot change its data.")]
    [InlineData("{{ raise_exception('Roles must alternate') }}", "line 1, column 19: the template refuses: Roles must alternate")]
    [InlineData("{{ range(1, 2, foo=3) }}", "line 1, column 9: range has no argument 'foo'.")]
    public void An_error_tells_the_place_and_the_reason(string template, string expected)
    {
        var error = Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template).Render([], Snippets.Now));

        Assert.Equal(expected, error.Message);
    }

    [Theory]
    [InlineData("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}")]
    [InlineData("{% for i in range(10**9) %}{% endfor %}")]
    [InlineData("{{ 'x' * 10**9 }}")]
    [InlineData("{{ [1] * 10**9 }}")]
    [InlineData("{{ 2**99999 }}")]
    [InlineData("{{ ('x' * 30000)|replace('', 'y' * 30000) }}")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}")]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{% macro f() %}{% for i in [1] %}{{ f() }}{% endfor %}{% endmacro %}{{ f() }}")]
    [InlineData("{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}")]
    [InlineData("{{ '%s' * 9999 % ('x' * 99999) }}")]
    [InlineData("{{ 'a' | indent(10**9) | center(10**9) }}")]
    public void A_template_that_would_never_end_ends_in_an_error(string template)
    {
        var error = Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template).Render([], Snippets.Now));

        Assert.NotNull(error.Place);
    }

    [Theory]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("{1:")]
    [InlineData("not ")]
    [InlineData("-")]
    [InlineData("a if b else ")]
    [InlineData("f(")]
    [InlineData("a[")]
    [InlineData("1+")]
    [InlineData("x.y.")]
    [InlineData("x|trim|")]
    [InlineData("x and ")]
    public void Nesting_without_end_is_an_error_and_no_crash(string part)
    {
        string template = "{{ " + string.Concat(Enumerable.Repeat(part, 50_000)) + "x }}";

        Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template).Render([], Snippets.Now));
    }

    [Fact]
    public void Blocks_without_end_are_an_error_and_no_crash()
    {
        string template = string.Concat(Enumerable.Repeat("{% if true %}", 50_000));

        Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template));
    }

    [Fact]
    public void Damaged_templates_fail_with_a_reason()
    {
        var cases = Snippets.Read("conversations");
        byte[] whole = Encoding.UTF8.GetBytes(string.Join('\n', Snippets.Read("snippets").Where(snippet => snippet!["expected"] is not null).Select(snippet => (string)snippet!["template"]!)));

        Damage.Try<JinjaException>(whole, times: 300, seed: 7, bytes =>
            JinjaTemplate.Parse(Encoding.UTF8.GetString(bytes)).Render(Snippets.Variables(cases[4]!["given"]!), Snippets.Now, new Budget(100_000, 1_000_000)));
    }

    [Fact]
    public void Every_character_keeps_its_origin()
    {
        const string template = "{% set x = m.content | trim | upper | replace('B', 'b') %}{{ '<' + x[1:] + '>' }}{{ [m.content] | tojson }}{{ m.content.split('b')[1] ~ '|' }}"
            + "{{ '%s' % m.content }}{{ [m.content] }}{% set y %}({{ m.content }}){% endset %}{{ y | indent }}{% macro f(a) %}[{{ a }}]{% endmacro %}{{ f(m.content) }}";
        var message = new MapValue([KeyValuePair.Create<Value, Value>(new Text("content"), new Text("abcb ", Origin.Message(2)))]);

        var text = JinjaTemplate.Parse(template).Render([KeyValuePair.Create<string, Value>("m", message)], Snippets.Now);

        string marked = string.Concat(text.Characters.Select((c, i) => text.OriginAt(i).IsTemplate ? c : '•'));
        Assert.Equal("<bCb>[\"abcb \"]c|abcb ['abcb '](abcb )[abcb ]", text.Characters);
        Assert.Equal("<b•b>[\"•••••\"]•|•••••['•••••'](•••••)[•••••]", marked);
    }
}
