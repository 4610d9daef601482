namespace Cria.Templates;

/// <summary>A template in the language Jinja, as far as the chat templates of models use it.</summary>
/// <remarks>
/// <see href="https://jinja.palletsprojects.com/en/stable/templates/"/>, in the environment of transformers: <c>trim_blocks</c>, <c>lstrip_blocks</c>, break and continue,
/// <c>{% generation %}</c>, <c>tojson</c> without escapes for HTML, <c>raise_exception</c> and <c>strftime_now</c>. A template sees JSON and nothing of the program.
/// </remarks>
internal sealed class JinjaTemplate
{
    private readonly Block body;

    private JinjaTemplate(Block body) => this.body = body;

    /// <exception cref="JinjaException">The source is no template, or uses what is not known.</exception>
    public static JinjaTemplate Parse(string source) => new(Parser.Read(source));

    /// <summary>Renders it.</summary>
    /// <param name="variables">What it can see.</param>
    /// <param name="now">What it calls now.</param>
    /// <param name="budget">What it may spend; null for the usual.</param>
    /// <exception cref="JinjaException">It fails on the data, or takes too much.</exception>
    public Text Render(IEnumerable<KeyValuePair<string, Value>> variables, DateTimeOffset now, Budget? budget = null)
    {
        var scope = new Scope(null);
        foreach (var (name, value) in Functions.For(now).Concat(variables))
            scope.Set(name, value);
        return new Renderer(new Evaluator(new Scope(scope), budget ?? new Budget())).Render(body);
    }
}
