namespace Cria.Cli.Hub;

/// <summary>A model cannot be had from the hub or found in its cache. The message names the model, what is wrong, and the fix.</summary>
internal sealed partial class HubException : Exception
{
    private HubException(string message)
        : base(message)
    {
    }

    public static HubException NotInCache(HubName name, string cache) => new(
        $"""
        {name}: there is no such file or folder, and no such model in the Hugging Face cache ({cache}).
          fix      cria pull {name}
        """);

    public static HubException NotWhole(HubName name, string snapshot, IReadOnlyList<string> missing) => new(
        $"""
        {name}: is not whole in the Hugging Face cache ({snapshot}).
          missing  {Some(missing)}
          fix      cria pull {name}
        """);

    public static HubException Offline(HubName name, string variable, string what) => new(
        $"""
        {name}: {what}
          fix      unset {variable}, which forbids the network, and repeat: cria pull {name}
        """);

    public static HubException Malformed(HubName name, string found) => new(
        $"{name}: the hub's answer cannot be understood: {found}. Is HF_ENDPOINT the address of a hub?");

    public static HubException HostileName(HubName name, string path, string why) => new(
        $"{name}: nothing was fetched: the file name {ForeignText.Quote(path)} {why}.");

    public static HubException NoHash(HubName name, HubFile file) => new(
        $"{name}: the hub gives no hash or no length for {ForeignText.Quote(file.Path)}, so it could not be checked; it was not fetched.");

    public static HubException OtherCommit(HubName name, string expected, string found) => new(
        $"""
        {name}: the hub answers with a file of another commit.
          expected {expected}
          found    {ForeignText.Quote(found)}
        """);

    public static HubException WrongSize(HubName name, HubFile file, long found) => new(
        $"""
        {name}: {ForeignText.Quote(file.Path)} has another length than the hub announced.
          expected {file.Length:N0} bytes
          found    {found:N0} or more
          fix      repeat later, or use another address in HF_ENDPOINT; nothing of the file was kept
        """);

    public static HubException WrongHash(HubName name, HubFile file, string found) => new(
        $"""
        {name}: {ForeignText.Quote(file.Path)} arrived changed, and was thrown away.
          expected {(file.Blob.Length == 64 ? "SHA-256" : "git's SHA-1")} {file.Blob}
          found    {found}
          fix      repeat: cria pull {name}
        """);

    public static HubException DiskFull(HubName name, string cache, long needed, long free) => new(
        $"""
        {name}: there is not enough room for it in {cache}.
          needed   {Bytes.Text(needed)}
          free     {Bytes.Text(free)}
          fix      make room (cria list shows what is there, cria rm removes it), or name another disk in HF_HUB_CACHE
        """);

    public static HubException NothingToRemove(HubName name, string cache, string? meant) => new(
        $"{name.Repository}: is not in the Hugging Face cache ({cache}).{(meant is null ? "" : $"\n  closest  {meant}")}");

    public static HubException NoSuchRevision(HubName name, IReadOnlyList<string> known) => new(
        $"""
        {name.Repository}: the cache has no revision '{name.Revision}' of it.
          there    {Some(known)}
        """);

    private static string Some(IReadOnlyList<string> names)
    {
        const int most = 5;
        string shown = string.Join(", ", names.Take(most));
        return names.Count <= most ? shown : $"{shown} and {names.Count - most} more";
    }
}
