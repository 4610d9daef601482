using Cria.Cli;

return await CommandLine.RunAsync(args, Terminal.Standard());
