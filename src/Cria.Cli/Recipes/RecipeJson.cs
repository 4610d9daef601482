using System.Text.Json.Serialization;
using Cria.Cli.Comparing;
using Cria.Data;
using Cria.Training;

namespace Cria.Cli.Recipes;

/// <summary>The options records as lists of keys, made at compile time; <see cref="Peft.PeftJson"/> is the one of the methods.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RunOptions))]
[JsonSerializable(typeof(DataOptions))]
[JsonSerializable(typeof(BaseOptions))]
[JsonSerializable(typeof(TrainingOptions))]
[JsonSerializable(typeof(CompareOptions))]
internal sealed partial class RecipeJson : JsonSerializerContext;
