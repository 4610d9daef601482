using System.Globalization;
using System.Text.Json;

namespace Cria.Tokenizers;

/// <summary>A token that was added to a vocabulary by name, as Hugging Face's files list them.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its name, or its text.</param>
/// <param name="Special">Whether it stands for no text, so that decoding leaves it out.</param>
internal readonly record struct AddedToken(int Id, string Content, bool Special)
{
    /// <summary>A control token or, if it is not special, a user-defined one. Text can spell neither: see <see cref="Tokenizer"/>.</summary>
    public TokenKind Kind => Special ? TokenKind.Control : TokenKind.UserDefined;

    /// <summary>The list <c>added_tokens</c> of <c>tokenizer.json</c>: objects with an id.</summary>
    public static List<AddedToken> FromList(string file, JsonElement? list)
    {
        if (list is { ValueKind: not (JsonValueKind.Array or JsonValueKind.Null) })
            throw TokenizerException.Damaged(file, "added_tokens", "a list", list.Shown());
        return [.. list.Items().Select((token, i) => Read(file, $"added_tokens[{i}]", token, token.Member("id")?.Integer()))];
    }

    /// <summary>The object <c>added_tokens_decoder</c> of <c>tokenizer_config.json</c>: objects by id.</summary>
    public static List<AddedToken> FromDecoder(string file, JsonElement byId) =>
        [.. byId.EnumerateObject().Select(pair => Read(file, "added_tokens_decoder", pair.Value,
            int.TryParse(pair.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null))];

    /// <summary>The object of <c>added_tokens.json</c>: ids by name. It does not say which are special; all are taken to be.</summary>
    public static List<AddedToken> FromNames(string file, JsonElement ids) =>
        [.. ids.EnumerateObject().Select(pair => new AddedToken(Checked(file, "its list", pair.Value, pair.Value.Integer()), pair.Name, Special: true))];

    private static AddedToken Read(string file, string where, JsonElement token, int? id)
    {
        if (token.Text("content") is not { Length: > 0 } content)
            throw TokenizerException.Damaged(file, where, "an object with 'content'", ((JsonElement?)token).Shown());
        return new(Checked(file, where, token, id), content, token.Flag("special") == true);
    }

    private static int Checked(string file, string where, JsonElement token, int? id) => id is >= 0 and < TokenizerFile.LargestVocabulary
        ? id.Value
        : throw TokenizerException.Damaged(file, where, $"an id from 0 to {TokenizerFile.LargestVocabulary - 1}", ((JsonElement?)token).Shown());
}
