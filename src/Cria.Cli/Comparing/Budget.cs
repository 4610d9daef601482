namespace Cria.Cli.Comparing;

/// <summary>How long each method trains: so many steps, tokens or minutes; what the recipe says where none is given.</summary>
internal sealed record Budget(int? Steps, long? Tokens, double? Minutes)
{
    public void Validate(Problems problems)
    {
        problems.Unless(new object?[] { Steps, Tokens, Minutes }.Count(limit => limit is not null) <= 1, "--steps, --tokens, --minutes: give one of them.");
        problems.Unless(Steps is null or >= 1, $"--steps: must be 1 or more, got {Steps}.");
        problems.Unless(Tokens is null or >= 1, $"--tokens: must be 1 or more, got {Tokens}.");
        problems.Unless(Minutes is null or (> 0 and < 1e6), $"--minutes: must be a positive number, got {Minutes}.");
    }
}
