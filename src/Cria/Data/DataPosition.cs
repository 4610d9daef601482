namespace Cria.Data;

/// <summary>How far the data has been gone through: the whole state of a <see cref="BatchReader"/>.</summary>
/// <param name="Epoch">How many times all of it was seen.</param>
/// <param name="Batch">How many batches of the present epoch were seen.</param>
public readonly record struct DataPosition(int Epoch, int Batch);
