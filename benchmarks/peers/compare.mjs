// Runs Cria and llama.cpp by turns and prints a table of medians: see the file run beside this one.
import {execFileSync} from "node:child_process";
import {existsSync, mkdirSync, readFileSync, writeFileSync} from "node:fs";
import os from "node:os";
import path from "node:path";

const options = {
    types: "q4_0,q8_0,bf16,q4_k,q6_k", threads: "1,2", prompt: "512", generate: "64", depth: "0", repeat: "3", shape: "llama-1.1b", out: "",
    cria: "", llama: "", models: ""
};
const given = process.argv.slice(2);
for (let i = 0; i < given.length; i += 2) {
    const name = given[i].replace(/^--/, "");
    if (!(name in options) || given[i + 1] === undefined) {
        console.error(`${given[i]}: expected one of ${Object.keys(options).map(key => `--${key}`).join(", ")}, each with a value.`);
        process.exit(2);
    }
    options[name] = given[i + 1];
}
const [prompt, generate, depth, repeat] = ["prompt", "generate", "depth", "repeat"].map(name => Number(options[name]));
const here = path.dirname(new URL(import.meta.url).pathname);
const run = (program, args) => execFileSync(program, args, {encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 26});
const cria = args => options.cria.endsWith(".dll") ? run("dotnet", [options.cria, ...args]) : run(options.cria, args);
const median = numbers => {
    const sorted = numbers.toSorted((a, b) => a - b), half = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

function modelOf(type) {
    mkdirSync(options.models, {recursive: true});
    const file = path.join(options.models, `${options.shape}-${type}.gguf`);
    if (!existsSync(file))
        cria(["bench", "--shape", options.shape, "--type", type, "--save", file]);
    return file;
}

const criaArguments = (file, threads) =>
    ["bench", file, "--threads", threads, "--prompt", `${prompt}`, "--generate", `${generate}`, "--depth", `${depth}`, "--repeat", "1", "--json"];
const llamaArguments = (file, threads) => [path.join(here, "llama-cpp.mjs"), options.llama, file, threads, `${prompt}`, `${generate}`, `${depth}`];

function compare(type, threads) {
    const file = modelOf(type), tests = {}, limits = {read_gbps: 0, fma_gflops: 0, integer_gops: 0};
    const note = (test, who, speed, share) => {
        tests[test] ??= {cria: [], llama: [], share: []};
        tests[test][who].push(speed);
        if (share !== undefined)
            tests[test].share.push(share);
    };
    for (let i = 0; i < repeat; i++) {
        const ours = JSON.parse(cria(criaArguments(file, threads)));
        for (const key of Object.keys(limits))
            limits[key] = Math.max(limits[key], ours.limits[key]);
        for (const result of ours.results)
            note(result.test, "cria", result.tokens_per_second.median, result.share_of_limit);
        const theirs = JSON.parse(run("node", llamaArguments(file, threads)));
        if (prompt > 0)
            note(`pp${prompt}`, "llama", prompt / theirs.prompt);
        if (generate > 0)
            note(depth > 0 ? `tg${generate}@${depth}` : `tg${generate}`, "llama", generate / theirs.generate);
    }
    return Object.entries(tests).map(([test, {cria, llama, share}]) => {
        const pairs = cria.map((speed, i) => speed / llama[i]);
        const row = [type, threads, test, median(cria).toFixed(1), median(llama).toFixed(1), median(pairs).toFixed(2),
            `${Math.min(...pairs).toFixed(2)}–${Math.max(...pairs).toFixed(2)}`, `${(100 * median(share)).toFixed(0)} %`,
            limits.read_gbps.toFixed(1), limits.fma_gflops.toFixed(0), limits.integer_gops.toFixed(0)];
        console.error(row.join("  "));
        return `| ${row.join(" | ")} |`;
    });
}

const head = [
    `${os.cpus()[0].model.trim()}, ${os.cpus().length} cores, ${os.type()} ${os.release()}, ${new Date().toISOString().slice(0, 10)}.`,
    `cria ${cria(["--version"]).trim()}; llama.cpp of node-llama-cpp ${JSON.parse(readFileSync(path.join(options.llama, "node_modules", "node-llama-cpp", "package.json"))).version}.`,
    `Shape ${options.shape}, random weights; ${repeat} runs of each, by turns; tokens per second and ratios are medians.`,
    `Command: benchmarks/peers/run ${given.filter((_, i) => !["--cria", "--llama", "--models", "--out"].includes(given[i - i % 2])).join(" ")}`,
    `ours: cria ${criaArguments("FILE", "N").join(" ")}`,
    `theirs: node llama-cpp.mjs PACKAGE FILE N ${prompt} ${generate} ${depth}`
];
const rows = options.types.split(",").flatMap(type => options.threads.split(",").flatMap(threads => compare(type, threads)));
const table = [
    ...head.map(line => `- ${line}`), "",
    "| type | threads | test | cria | llama.cpp | ratio | of all runs | of our limit | read GB/s | FMA GFLOP/s | integer GOP/s |",
    "|---|---|---|---|---|---|---|---|---|---|---|", ...rows, ""
].join("\n");
console.log(table);
if (options.out)
    writeFileSync(options.out, table);
