using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>One tensor of an adapter's file, and what it takes to bring it to peft's layout.</summary>
/// <param name="Name">Its name as peft has it, without prefix: <c>model.layers.0.self_attn.q_proj.lora_A.weight</c>.</param>
/// <param name="Stored">As the file has it.</param>
/// <param name="Load">Gives it as the file has it.</param>
internal sealed record AdapterTensor(string Name, TensorInfo Stored, Func<Tensor> Load)
{
    /// <summary>Whether the file has it with rows and columns exchanged.</summary>
    public bool Transposed { get; init; }

    /// <summary>Whether the file has rows of q and k in the order in which neighbours are rotated.</summary>
    public bool Interleaved { get; init; }

    /// <summary>Its shape in peft's layout.</summary>
    public Shape Shape => Transposed && Stored.Shape.Rank == 2 ? new Shape(Stored.Shape[1], Stored.Shape[0]) : Stored.Shape;

    /// <summary>The numbers in peft's layout, f32.</summary>
    public Tensor Read(int headSize)
    {
        using var off = Gradients.Off();
        var tensor = Load();
        if (tensor.Type != DataType.F32)
            tensor = tensor.To(DataType.F32);
        if (Transposed && tensor.Shape.Rank == 2)
            tensor = Orthonormal.Transpose(tensor);

        // Only B, and a bias, have the rows of the layer; A has those of the rank.
        bool rotates = Interleaved && (Name.Contains(".lora_B.", StringComparison.Ordinal) || Name.EndsWith(AuthorsNames.Bias, StringComparison.Ordinal))
            && RotaryRows.HeadsKey(Name) is not null && tensor.Shape.Rank > 0 && tensor.Shape[0] % headSize == 0;
        return rotates
            ? new Tensor(tensor.Shape, DataType.F32, tensor.Device, RotaryRows.ToHalves(tensor.Storage, tensor.Shape[0], headSize))
            : tensor;
    }
}
