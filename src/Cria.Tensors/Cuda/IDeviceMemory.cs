namespace Cria.Tensors;

/// <summary>Memory that a card can read though it is not of its pool.</summary>
internal interface IDeviceMemory
{
    /// <summary>Where it is for what is launched next: asked for anew each time.</summary>
    nint Address { get; }

    /// <summary>Whether it may be written.</summary>
    bool IsFrozen { get; }
}
