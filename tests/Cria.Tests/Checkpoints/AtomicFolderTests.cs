using Cria.Checkpoints;

namespace Cria.Tests.Checkpoints;

public sealed class AtomicFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_appears_with_its_files_and_the_folders_above_it()
    {
        string path = folder.File("checkpoints/step-10");

        AtomicFolder.Write(path, aside => File.WriteAllText(Path.Combine(aside, "state"), "10"));

        Assert.Equal("10", File.ReadAllText(Path.Combine(path, "state")));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.File("checkpoints")));
    }

    [Fact]
    public void A_folder_is_replaced_as_a_whole()
    {
        string path = folder.File("step-10");
        AtomicFolder.Write(path, aside => File.WriteAllText(Path.Combine(aside, "old"), ""));

        AtomicFolder.Write(path + "/", aside => File.WriteAllText(Path.Combine(aside, "new"), ""));

        Assert.Equal([Path.Combine(path, "new")], Directory.GetFileSystemEntries(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void The_old_folder_survives_a_full_disk()
    {
        string path = folder.File("step-10");
        AtomicFolder.Write(path, aside => File.WriteAllText(Path.Combine(aside, "state"), "old"));

        var wrong = Assert.Throws<CheckpointException>(() => AtomicFolder.Write(path, aside =>
        {
            File.WriteAllText(Path.Combine(aside, "state"), "new");
            throw new IOException("No space left on device.");
        }));

        Assert.Equal($"{path}: cannot be written: No space left on device. What was there before is untouched.", wrong.Message);
        Assert.Equal("old", File.ReadAllText(Path.Combine(path, "state")));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_file_in_it_that_cannot_be_written_is_named_by_the_place_it_was_meant_for()
    {
        string path = folder.File("step-10");

        var wrong = Assert.Throws<CheckpointException>(() => AtomicFolder.Write(path + "/", aside => AtomicFile.Write(Path.Combine(aside, "state"), _ => throw new IOException("Full."))));

        Assert.Equal($"{Path.Combine(path, "state")}: cannot be written: Full. What was there before is untouched.", wrong.Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
