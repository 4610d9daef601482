#:project ../src/Cria/Cria.csproj
// Fine-tunes the model inside with LoRA, and keeps the adapter in peft's form: dotnet run -c Release samples/02-lora.cs
using Cria;
using Cria.Data;
using Cria.Peft;
using Cria.Training;

using var llama = Llama.Load(CriaTiny.Name);
var options = new TrainingOptions { Steps = 100, BatchSize = 8, MicroBatchSize = 8, LearningRate = 2e-3 };
var data = TrainingData.Load(
    new DataOptions { Train = Path.Combine(CriaTiny.SampleTask(), "train.jsonl"), MaxLength = 64 },
    llama.Template, llama.Tokenizer, llama.Model.Config.VocabularySize, llama.Model.Config.ContextLength, options.Seed);
var adapter = new LoraOptions { Rank = 16, Alpha = 32 }.Attach(llama.Model, seed: 1);

string folder = Path.Combine(Path.GetTempPath(), $"cria-{DateTime.Now:yyyyMMdd-HHmmss}");
using var trainer = new Trainer(llama.Model, llama.Checkpoint, adapter, data, options, RunFolder.Create(folder));
await foreach (var step in trainer.RunAsync())
    Console.WriteLine($"step {step.Step} of {trainer.Steps}: loss {step.Loss:F4}, {step.TokensPerSecond:F0} tokens/s");

Console.WriteLine($"The adapter is in {folder}.");
