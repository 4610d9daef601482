// Answers questions about GGUF files with llama.cpp: reads a JSON array of them from the file named first, writes the answers to the second.
import {readFileSync, writeFileSync} from "node:fs";
import {getLlama} from "node-llama-cpp";

const [questions, answers] = process.argv.slice(2);
// One thread: its threads wait for each other by spinning, which on a busy machine takes minutes.
const llama = await getLlama({gpu: false, build: "never", progressLogs: false, maxThreads: 1, logLevel: "error"});

async function ask({model: modelPath, adapter, texts = [], prompts = [], count = 0}) {
    const model = await llama.loadModel({modelPath});
    try {
        const answer = {
            template: model.fileInfo.metadata?.tokenizer?.chat_template ?? null,
            begin: model.tokens.bos, end: model.tokens.eos,
            ids: texts.map(text => [...model.tokenize(text, false)]),
            greedy: []
        };
        if (count === 0)
            return answer;
        const context = await model.createContext({
            contextSize: 256, batchSize: 256, sequences: 1, threads: 1, flashAttention: false,
            lora: adapter == null ? undefined : {adapters: [{filePath: adapter, scale: 1}]}
        });
        const sequence = context.getSequence();
        for (const prompt of prompts) {
            await sequence.clearHistory();
            const found = [];
            // It would end at an end-of-text token: that token is the answer's last.
            for await (const id of sequence.evaluate(prompt, {temperature: 0, yieldEogToken: true})) {
                found.push(id);
                if (found.length === count)
                    break;
            }
            answer.greedy.push(found);
        }
        await context.dispose();
        return answer;
    } finally {
        await model.dispose();
    }
}

const found = [];
for (const question of JSON.parse(readFileSync(questions, "utf8"))) {
    try {
        found.push(await ask(question));
    } catch (error) {
        found.push({error: String(error?.message ?? error)});
    }
}
writeFileSync(answers, JSON.stringify(found));
process.exit(0);
