using Cria.Tensors;

namespace Cria.Models;

/// <summary>A published model that is more than a dense decoder: it is counted here, not run.</summary>
public abstract record CountedShape
{
    /// <summary>All parameters.</summary>
    public abstract long ParameterCount { get; }

    /// <summary>The parameters that take part in computing one token.</summary>
    public abstract long ActiveParameterCount { get; }

    /// <summary>Those of the linear layers of the decoder's blocks.</summary>
    public abstract long LinearCount { get; }

    /// <summary>What it is, in a few words.</summary>
    public abstract string Summary { get; }

    /// <summary>The bytes of all weights whose linear layers have a storage type; under one of blocks the rest is bf16.</summary>
    public long WeightBytes(DataType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type.Bytes(LinearCount) + (type.IsFloat ? type : DataType.BF16).Bytes(ParameterCount - LinearCount);
    }
}
