using Cria.Peft;
using Cria.Tensors;

namespace Cria.Tests.Conversion;

internal static class Stirred
{
    /// <summary>An adapter as if it had been trained: nothing of it is zero.</summary>
    public static Adapter Adapter(Adapter adapter, float deviation = 0.02f)
    {
        var random = new RandomSource(5);
        foreach (var parameter in adapter.Trained)
        {
            foreach (ref float number in parameter.Value.Floats())
                number += (float)random.NextNormal() * deviation;
        }
        return adapter;
    }
}
