// Answers questions about GGUF files with llama.cpp: reads a JSON array of them from the file named first, writes the answers to the second.
import {readFileSync, writeFileSync} from "node:fs";
import {getLlama} from "node-llama-cpp";

const [questions, answers] = process.argv.slice(2);
// One thread: its threads wait for each other by spinning, which on a busy machine takes minutes.
const llama = await getLlama({gpu: false, build: "never", progressLogs: false, maxThreads: 1, logLevel: "error"});

async function ask({model: modelPath, adapter, texts = [], prompts = [], count = 0, logits = false}) {
    const model = await llama.loadModel({modelPath});
    try {
        const answer = {
            template: model.fileInfo.metadata?.tokenizer?.chat_template ?? null,
            begin: model.tokens.bos, end: model.tokens.eos,
            ids: texts.map(text => [...model.tokenize(text, false)]),
            greedy: [], logits: []
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
            if (logits)
                answer.logits.push(await logitsOf(sequence, prompt));
        }
        await context.dispose();
        return answer;
    } finally {
        await model.dispose();
    }
}

// Every logit after every token of the prompt, as f32 in base 64.
async function logitsOf(sequence, prompt) {
    await sequence.clearHistory();
    const rows = await sequence.controlledEvaluate(prompt.map(id => [id, {generateNext: {logits: true}}]));
    const numbers = rows.flatMap(({next}) => {
        const row = new Array(next.logits.size);
        for (const [id, logit] of next.logits)
            row[id] = logit;
        return row;
    });
    return Buffer.from(Float32Array.from(numbers).buffer).toString("base64");
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
