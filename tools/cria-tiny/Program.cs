using CriaTiny.Tools;

switch (args)
{
    case ["task", var folder]:
        SampleTask.Write(folder);
        return 0;
    case ["prepare", var texts, var output]:
        Preparation.Run(texts, output);
        return 0;
    case ["init", var tokenizer, var output]:
        InitialModel.Write(tokenizer, output);
        return 0;
    default:
        Console.Error.WriteLine("""
            Makes what cria-tiny is trained from. Same input, same bytes.

              task OUT              the quickstart's sample task: OUT/train.jsonl, validation.jsonl, test.jsonl
              prepare TEXTS OUT     from the folder of text data sets: OUT/tokenizer.model, train.jsonl, validation.jsonl, heldout.json, COUNTS.md
              init TOKENIZER OUT    an untrained model: OUT/config.json, model.safetensors, tokenizer.model
            """);
        return 2;
}
