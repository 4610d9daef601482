#:project ../src/Cria/Cria.csproj
// Talks with a model: dotnet run -c Release samples/01-chat.cs [MODEL]. MODEL is a folder from Hugging Face or a .gguf file.
using Cria;
using Cria.Generation;

using var llama = Llama.Load(args is [var model, ..] ? model : CriaTiny.Name);
var generator = new Generator(llama.Model, llama.Tokenizer);
var sampling = new SamplingOptions { MaxTokens = 80, Temperature = 0.7f, TopP = 0.9f };

Console.Write("> ");
while (Console.ReadLine() is { Length: > 0 } question)
{
    foreach (var token in generator.Stream(llama.Template.RenderPrompt(llama.Tokenizer, question), sampling))
        Console.Write(token.Text);
    Console.Write("\n> ");
}
