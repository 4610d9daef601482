// One measurement of llama.cpp: node llama-cpp.mjs PACKAGE MODEL THREADS PROMPT GENERATE DEPTH. Prints the seconds of each test as JSON.
import path from "node:path";
import {performance} from "node:perf_hooks";
import {pathToFileURL} from "node:url";

const [folder, modelPath, ...numbers] = process.argv.slice(2);
const [threads, prompt, generate, depth] = numbers.map(Number);
const {getLlama} = await import(pathToFileURL(path.join(folder, "node_modules", "node-llama-cpp", "dist", "index.js")));

const llama = await getLlama({gpu: false, build: "never", progressLogs: false, maxThreads: threads, logLevel: "error"});
const model = await llama.loadModel({modelPath});
const context = await model.createContext({contextSize: Math.max(prompt, depth + generate) + 16, sequences: 1, threads: {ideal: threads, min: threads}});
const sequence = context.getSequence();
const tokens = count => Array.from({length: count}, (_, i) => 100 + i * 7919 % 30_000);

// The greedy choice costs next to nothing; a text that ends is continued all the same.
async function evaluate(input, count) {
    const start = performance.now();
    let left = count;
    for await (const _ of sequence.evaluate(input, {temperature: 0, yieldEogToken: true})) {
        if (--left === 0)
            break;
    }
    if (left > 0)
        throw new Error(`llama.cpp stopped ${left} tokens early`);
    return (performance.now() - start) / 1000;
}

async function afterDepth() {
    await sequence.clearHistory();
    if (depth > 0)
        await evaluate(tokens(depth), 1);
}

const answer = {};
await evaluate(tokens(32), 4);      // reads the weights into memory
if (prompt > 0) {
    await sequence.clearHistory();
    answer.prompt = await evaluate(tokens(prompt), 1);
}
if (generate > 0) {
    await afterDepth();
    answer.generate = await evaluate(tokens(1), generate);
}
console.log(JSON.stringify(answer));
process.exit(0);
