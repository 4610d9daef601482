using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Cria.Benchmarks;

// dotnet run -c Release --project benchmarks/Cria.Benchmarks -- --filter "*Linear*"
var config = DefaultConfig.Instance
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
    .HideColumns(Column.Error, Column.StdDev, Column.RatioSD)
    .AddColumn(new SpeedColumn());
BenchmarkSwitcher.FromAssembly(typeof(LinearBenchmarks).Assembly).Run(args, config);
