using Cria.Checkpoints;
using Cria.Peft;

namespace Cria.Conversion;

/// <summary>Brings an adapter from one form of files into another: to GGUF's where the name ends in <c>.gguf</c>, else to a folder as peft has it.</summary>
public static class AdapterConverter
{
    /// <summary>Converts an adapter.</summary>
    /// <param name="from">An adapter in any form that <see cref="AdapterFile.Load"/> takes.</param>
    /// <param name="to">The file or folder to write; it appears complete or not at all.</param>
    /// <param name="baseModel">The model that it was trained over: its layers say what belongs where.</param>
    /// <param name="force">Whether what is there already is replaced.</param>
    /// <exception cref="OptionsException">Something is there already.</exception>
    /// <exception cref="CheckpointException">The adapter cannot be read, belongs to another base, or has no such form; or the disk refuses.</exception>
    /// <returns>The trained numbers, and the note that reading it left, if any.</returns>
    public static (long Numbers, string? Note) Convert(string from, string to, string baseModel, bool force)
    {
        ArgumentNullException.ThrowIfNull(to);
        var problems = new Problems();
        problems.Unless(force || !Path.Exists(to), ModelConverter.IsThere(to));
        problems.ThrowIfAny();
        using var llama = Llama.Load(baseModel);
        var adapter = AdapterFile.Load(llama.Model, from);
        string baseName = AdapterFile.Describe(from).Base ?? baseModel;
        if (ModelConverter.IsGguf(to))
            AdapterFile.Save(adapter, to, AdapterForm.Gguf, baseName);
        else
            AtomicFolder.Write(to, folder => AdapterFile.Save(adapter, folder, AdapterForm.HuggingFace, baseName));
        return (adapter.TrainedCount, adapter.Note);
    }
}
