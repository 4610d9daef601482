using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Cria.Tensors.Tests;

/// <summary>Runs a theory once for each device. A card that is missing skips its row, or fails it where <c>CRIA_REQUIRE_CUDA=1</c>.</summary>
/// <remarks>
/// All of them together: <c>--filter-trait devices=every</c>. With <c>CRIA_TEST_DEVICE=cuda</c>, or <c>cuda:N</c>, the processor's rows are left out, as when kernels run
/// under a checker that makes them a hundred times slower.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnEveryDeviceAttribute : DataAttribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("devices", "every")];

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        var cpu = TestDevice.Cpu();
        disposalTracker.Add(cpu);
        if (Card.Missing is { } reason)
            return new([new TheoryDataRow<TestDevice>(cpu), new TheoryDataRow<TestDevice>(null!) { Skip = reason, TestDisplayName = $"{testMethod.Name}(cuda)" }]);

        var card = Card.Rent();
        var cuda = new TestDevice(card, () => Card.Return(card));
        disposalTracker.Add(cuda);
        return Card.IsNamed
            ? new([new TheoryDataRow<TestDevice>(cuda)])
            : new([new TheoryDataRow<TestDevice>(cpu), new TheoryDataRow<TestDevice>(cuda)]);
    }

    // A device is made when the test runs, not when it is listed.
    public override bool SupportsDiscoveryEnumeration() => false;
}
