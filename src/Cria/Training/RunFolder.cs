using System.Globalization;
using Cria.Checkpoints;

namespace Cria.Training;

/// <summary>The folder of a run: <c>log.jsonl</c>, <c>checkpoints/step-N/</c>, and at the end what was trained.</summary>
/// <remarks>
/// A checkpoint is written under another name, flushed to the disk and renamed: whatever interrupts it, the one before it is whole. What an
/// interrupted run left behind is removed when the folder is opened again. A folder belongs to one run at a time: until it is disposed of, as
/// the trainer does at the end, nobody else can create or open it. The system frees what a killed process held.
/// </remarks>
public sealed class RunFolder : IDisposable
{
    private const string Prefix = "step-";
    private const string Hidden = ".step-*";

    private readonly string checkpoints;
    private FileStream? claim;

    private RunFolder(string path)
    {
        Path = path;
        checkpoints = System.IO.Path.Combine(path, "checkpoints");
        Log = new RunLog(System.IO.Path.Combine(path, "log.jsonl"));
    }

    /// <summary>The folder as the user named it.</summary>
    public string Path { get; }

    /// <summary>The checkpoints by their step, the newest first.</summary>
    public IReadOnlyList<KeyValuePair<int, string>> Checkpoints => !Directory.Exists(checkpoints) ? [] :
        [.. Directory.EnumerateDirectories(checkpoints).Select(folder => KeyValuePair.Create(StepOf(folder), folder))
            .Where(one => one.Key >= 0 && TrainingState.IsIn(one.Value)).OrderByDescending(one => one.Key)];

    /// <summary>The newest checkpoint, or null.</summary>
    public string? Newest => Checkpoints is [var first, ..] ? first.Value : null;

    internal RunLog Log { get; }

    /// <summary>A folder for a new run, made where it does not exist.</summary>
    /// <exception cref="OptionsException">It holds a run already, or one is going on in it.</exception>
    /// <exception cref="CheckpointException">It cannot be made.</exception>
    public static RunFolder Create(string path)
    {
        var folder = new RunFolder(path);
        var problems = new Problems();
        problems.Unless(folder.Checkpoints.Count == 0 && !File.Exists(System.IO.Path.Combine(path, "log.jsonl")),
            $"out: {path} holds a run already: resume it, or choose another folder.");
        problems.ThrowIfAny();
        OutputFolder.Make(folder.checkpoints);
        folder.Claim();
        return folder;
    }

    /// <summary>The folder of a run that is to go on.</summary>
    /// <exception cref="OptionsException">It is going on already.</exception>
    /// <exception cref="CheckpointException">There is no run in it.</exception>
    public static RunFolder Open(string path)
    {
        var folder = new RunFolder(path);
        if (!Directory.Exists(folder.checkpoints))
            throw CheckpointException.NoRun(path);
        folder.Claim();
        foreach (string left in Directory.EnumerateDirectories(folder.checkpoints, Hidden))
            Directory.Delete(left, recursive: true);
        return folder;
    }

    /// <summary>Lets others have the folder.</summary>
    public void Dispose() => claim?.Dispose();

    /// <summary>Writes a checkpoint whole or not at all, then removes those that are too many.</summary>
    internal void Save(int step, int keep, Action<string> write)
    {
        AtomicFolder.Write(System.IO.Path.Combine(checkpoints, Prefix + step.ToString(CultureInfo.InvariantCulture)), write);
        foreach (var (_, old) in Checkpoints.Skip(keep))
            Remove(old);
    }

    // Held open rather than only there: a file that a killed process left behind keeps nobody out.
    private void Claim()
    {
        string path = System.IO.Path.Combine(Path, ".in-use");
        try
        {
            claim = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new OptionsException([$"out: {Path} is in use: another run goes on in it. Wait for its end, or choose another folder."]);
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotWrite(Path, because);
        }
    }

    // Renamed before it is deleted: a process killed in between must not leave half a checkpoint under the name of a whole one.
    private static void Remove(string checkpoint)
    {
        string gone = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(checkpoint)!, $".{System.IO.Path.GetFileName(checkpoint)}.old");
        try
        {
            Directory.Move(checkpoint, gone);
            Directory.Delete(gone, recursive: true);
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotWrite(checkpoint, because);
        }
    }

    private static int StepOf(string folder)
    {
        string name = System.IO.Path.GetFileName(folder);
        return name.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int step) ? step : -1;
    }
}
