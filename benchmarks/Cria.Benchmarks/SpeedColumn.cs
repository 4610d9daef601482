using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Cria.Benchmarks;

/// <summary>A benchmark that knows how much work one call is.</summary>
public interface IMeasured
{
    /// <summary>Additions and multiplications in one call, each counted as one.</summary>
    double Operations { get; }
}

/// <summary>Billions of additions and multiplications each second.</summary>
internal sealed class SpeedColumn : IColumn
{
    public string Id => nameof(SpeedColumn);

    public string ColumnName => "GFLOP/s";

    public string Legend => "Additions and multiplications each second, in billions";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        if (summary[benchmarkCase]?.ResultStatistics is not { } statistics || Create(benchmarkCase) is not { } measured)
            return "-";
        return (measured.Operations / statistics.Median).ToString("f1");
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public override string ToString() => ColumnName;

    private static IMeasured? Create(BenchmarkCase benchmarkCase)
    {
        var benchmark = Activator.CreateInstance(benchmarkCase.Descriptor.Type);
        foreach (var parameter in benchmarkCase.Parameters.Items)
            benchmarkCase.Descriptor.Type.GetField(parameter.Name)?.SetValue(benchmark, parameter.Value);
        return benchmark as IMeasured;
    }
}
