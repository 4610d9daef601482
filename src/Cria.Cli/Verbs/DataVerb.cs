using System.CommandLine;

namespace Cria.Cli.Verbs;

/// <summary><c>cria data</c>: what is in files of records, before anything is trained on them.</summary>
internal static class DataVerb
{
    public static Command Create(Terminal terminal) => new("data", "Look at training records before training on them.")
    {
        DataCheckVerb.Create(terminal),
        DataPreviewVerb.Create(terminal),
    };
}
