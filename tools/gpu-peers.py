"""What transformers and peft reach on this card: LoRA training and decoding of LLaMA shapes with random bf16 weights.

    python3 tools/gpu-peers.py [--shapes 8b,1b] [--compile] [--steps 8]

Prints a JSON object a line: what was run, tokens per second (median), milliseconds, peak GiB.
"""
import argparse, gc, json, statistics, time

import peft, torch, transformers
from transformers import LlamaConfig, LlamaForCausalLM

SHAPES = {  # hidden, layers, heads, key heads, inner, tied
    "8b": (4096, 32, 32, 8, 14336, False),
    "1b": (2048, 16, 32, 8, 8192, True),
}


def model(shape):
    hidden, layers, heads, key_heads, inner, tied = SHAPES[shape]
    config = LlamaConfig(hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=key_heads, intermediate_size=inner,
                         vocab_size=128256, max_position_embeddings=8192, rope_theta=500000.0, tie_word_embeddings=tied, attn_implementation="sdpa")
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        made = LlamaForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    return made


def timed(run, repeats):
    seconds = []
    for _ in range(repeats):
        torch.cuda.synchronize()
        start = time.perf_counter()
        run()
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def say(**what):
    print(json.dumps({**what, "peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 1)}), flush=True)


def train(shape, batch, length, steps, compiled):
    torch.cuda.reset_peak_memory_stats()
    base = model(shape)
    base.config.use_cache = False
    lora = peft.get_peft_model(base, peft.LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))
    optimizer = torch.optim.AdamW([p for p in lora.parameters() if p.requires_grad], lr=1e-4, fused=True)
    run = torch.compile(lora) if compiled else lora
    ids = torch.randint(0, 128256, (batch, length), device="cuda")

    def step():
        with torch.autocast("cuda", torch.bfloat16):
            loss = run(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    for _ in range(3):
        step()
    median = timed(step, steps)
    say(peer="transformers + peft" + (", compiled" if compiled else ""), test=f"LoRA r16 all-linear, {batch} x {length}", shape=shape,
        tokens_per_second=round(batch * length / median), ms=round(1000 * median, 1))


def decode(shape, prompt=512, new=32):
    torch.cuda.reset_peak_memory_stats()
    made = model(shape).eval()
    ids = torch.randint(0, 128256, (1, prompt), device="cuda")
    with torch.no_grad():
        made(ids)
        fill = timed(lambda: made(ids, logits_to_keep=1), 5)
        made.generate(ids, max_new_tokens=4, min_new_tokens=4, do_sample=False)
        whole = timed(lambda: made.generate(ids, max_new_tokens=new, min_new_tokens=new, do_sample=False), 3)
    say(peer="transformers", test=f"prefill {prompt}", shape=shape, tokens_per_second=round(prompt / fill), ms=round(1000 * fill, 1))
    say(peer="transformers", test=f"decode after {prompt}", shape=shape, tokens_per_second=round((new - 1) / (whole - fill)), ms=round(1000 * (whole - fill) / (new - 1), 2))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shapes", default="8b,1b")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--steps", type=int, default=8)
    options = parser.parse_args()
    print(json.dumps({"transformers": transformers.__version__, "peft": peft.__version__, "torch": torch.__version__, "card": torch.cuda.get_device_name()}), flush=True)
    for shape in options.shapes.split(","):
        batch = {"8b": 2, "1b": 4}[shape]
        for compiled in [False, True] if options.compile else [False]:
            train(shape, batch, 2048, options.steps, compiled)
            torch._dynamo.reset()
            gc.collect()
            torch.cuda.empty_cache()
        decode(shape)
        gc.collect()
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
