using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Cria.Tensors.Tests;

/// <summary>Runs a theory once for each device.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnEveryDeviceAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        var cpu = TestDevice.Cpu();
        disposalTracker.Add(cpu);
        return new([new TheoryDataRow<TestDevice>(cpu)]);
    }

    // A device is made when the test runs, not when it is listed.
    public override bool SupportsDiscoveryEnumeration() => false;
}
