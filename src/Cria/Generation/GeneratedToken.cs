namespace Cria.Generation;

/// <summary>One token that was chosen, and the text that it completes (empty within a character or a possible stop string).</summary>
public readonly record struct GeneratedToken(int Id, string Text);
