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
    public void What_a_dead_process_left_of_the_same_folder_is_removed()
    {
        string path = folder.File("step-10"), left = Left(path, "new", "old");
        Directory.CreateDirectory(path);

        AtomicFolder.Write(path, aside => Assert.False(Directory.Exists(left)));

        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void What_a_living_process_writes_is_left_alone()
    {
        string path = folder.File("step-10");

        AtomicFolder.Write(path, one =>
        {
            AtomicFolder.Write(path, two => File.WriteAllText(Path.Combine(two, "second"), ""));
            File.WriteAllText(Path.Combine(one, "first"), "");
        });

        Assert.Equal([Path.Combine(path, "first")], Directory.GetFileSystemEntries(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void The_only_whole_copy_stays_until_a_new_one_is_in_its_place()
    {
        string path = folder.File("step-10"), left = Left(path, "new", "old");

        AtomicFolder.Write(path, aside => Assert.True(Directory.Exists(Path.Combine(left, "old"))));
        AtomicFolder.Write(path, _ => { });

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

    private static string Left(string path, params string[] parts)
    {
        string hidden = Unfinished.NameFor(path);
        foreach (string part in parts)
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(hidden, part)).FullName, "state"), "10");
        File.WriteAllText(Path.Combine(hidden, "held"), "");
        return hidden;
    }
}
