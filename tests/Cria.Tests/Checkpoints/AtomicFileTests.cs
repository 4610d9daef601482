using Cria.Checkpoints;

namespace Cria.Tests.Checkpoints;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_new_content_replaces_the_old()
    {
        string path = folder.File("x");
        File.WriteAllText(path, "something longer");

        AtomicFile.Write(path, stream => stream.Write("new"u8));

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void The_old_file_survives_a_full_disk_and_nothing_is_left_beside_it()
    {
        string path = folder.File("x");
        File.WriteAllText(path, "old");

        var wrong = Assert.Throws<CheckpointException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw new IOException("No space left on device.");
        }));

        Assert.Equal($"{path}: cannot be written: No space left on device. What was there before is untouched.", wrong.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void What_a_dead_process_left_of_the_same_file_is_removed_and_nothing_else()
    {
        string path = folder.File("x*");
        string[] others = [folder.File(".x*.settings.bak"), folder.File(".gitignore"), Unfinished.NameFor(folder.File("y")), Unfinished.NameFor(folder.File("x*.y"))];
        foreach (string file in others.Append(Unfinished.NameFor(path)))
            File.WriteAllText(file, "half");
        string living = Unfinished.NameFor(path);

        using (Unfinished.Hold(living))
            AtomicFile.Write(path, stream => stream.WriteByte(1));

        Assert.Equal(others.Append(path).Append(living).Order(), Directory.GetFiles(folder.Path).Order());
    }

    // As writers of one file do, but for the writing.
    [Fact]
    public void A_file_is_never_taken_for_a_dead_process_s_while_its_writer_makes_it()
    {
        string path = folder.File("x");

        Parallel.For(0, 150, _ =>
        {
            foreach (string left in Unfinished.Beside(path))
                Unfinished.Inherit(left)?.Dispose();
            string aside = Unfinished.NameFor(path);
            using (Unfinished.Hold(aside))
            {
                Assert.True(File.Exists(aside));
                File.Delete(aside);
            }
        });

        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Two_who_write_one_file_at_a_time_both_succeed()
    {
        string path = folder.File("x");

        AtomicFile.Write(path, one =>
        {
            AtomicFile.Write(path, two => two.WriteByte(2));
            one.WriteByte(1);
        });

        Assert.Equal([1], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        string path = folder.File("none/x");

        var wrong = Assert.Throws<CheckpointException>(() => AtomicFile.Write(path, stream => stream.WriteByte(1)));

        Assert.Equal($"{path}: cannot be written: there is no such folder. What was there before is untouched.", wrong.Message);
    }

    [Fact]
    public void A_full_disk_is_called_so_and_nothing_hidden_is_named()
    {
        string path = folder.File("x");

        var wrong = Assert.Throws<CheckpointException>(() => AtomicFile.Write(path, _ => throw new IOException($"No space left on device : '{path}.hidden'", 28)));

        Assert.Equal($"{path}: cannot be written: the disk is full. What was there before is untouched.", wrong.Message);
    }

    [Fact]
    public void Another_refusal_of_the_system_is_told_without_the_path_that_it_ends_with()
    {
        string path = folder.File("x");

        var wrong = Assert.Throws<CheckpointException>(() => AtomicFile.Write(path, _ => throw new IOException($"Read-only file system : '{path}.hidden'")));

        Assert.Equal($"{path}: cannot be written: Read-only file system. What was there before is untouched.", wrong.Message);
    }
}
