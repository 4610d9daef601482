#!/usr/bin/env python3
"""Adapters go both ways between cria and huggingface/peft, with the same log-probabilities.

    python3 tools/check-peft/check.py path/to/cria

Needs torch, transformers and peft. Prints a table; the exit status is 1 when a line of it fails.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

import torch
from peft import AdaptionPromptConfig, LoraConfig, PeftModel, get_peft_model
from transformers import LlamaForCausalLM

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BASE = os.path.join(ROOT, "tests", "fixtures", "golden", "llama2-gqa")
TOLERANCE = 1e-4        # log-probabilities in f32, summed in another order
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

THEIRS = {
    "lora": LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"]),
    "lora, all layers": LoraConfig(r=4, lora_alpha=8, target_modules="all-linear"),
    "rslora": LoraConfig(r=4, lora_alpha=8, target_modules=ALL, use_rslora=True),
    "dora": LoraConfig(r=4, lora_alpha=8, target_modules=ALL, use_dora=True),
    "patterns": LoraConfig(r=4, lora_alpha=8, target_modules=ALL, rank_pattern={"down_proj": 2, "layers.1.self_attn.q_proj": 3}, alpha_pattern={"up_proj": 16}),
    "some layers": LoraConfig(r=4, lora_alpha=8, target_modules=ALL, layers_to_transform=[0, 2], exclude_modules=["o_proj"]),
    "embedding": LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "embed_tokens"]),
    "whole modules": LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj"], modules_to_save=["lm_head", "norm"]),
    "token rows": LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj"], trainable_token_indices=[3, 17, 200]),
    "lora_bias": LoraConfig(r=4, lora_alpha=8, target_modules=ALL, lora_bias=True),
    "pissa": LoraConfig(r=4, lora_alpha=8, target_modules=ALL, init_lora_weights="pissa"),
    "adaption prompt": AdaptionPromptConfig(adapter_len=5, adapter_layers=2, task_type="CAUSAL_LM"),
}

OURS = {
    "lora": "method: lora\n  rank: 4",
    "rslora": "method: lora\n  rank: 4\n  rslora: true",
    "dora": "method: lora\n  rank: 4\n  dora: true",
    "patterns": "method: lora\n  rank: 4\n  rank_pattern: [down_proj=2]\n  alpha_pattern: [up_proj=8]\n  layers: [0, 2]\n  exclude: [o_proj]",
    "embedding": "method: lora\n  rank: 4\n  targets: [q_proj, embed_tokens]",
    "whole modules": "method: lora\n  rank: 4\n  targets: [q_proj]\n  modules_to_save: [lm_head, norm]",
    "token rows": "method: lora\n  rank: 4\n  targets: [q_proj]\n  trainable_tokens: [3, 17, 200]",
    "lora_bias": "method: lora\n  rank: 4\n  lora_bias: true",
    "pissa, exported": "method: lora\n  rank: 4\n  init: pissa",
    "olora, exported": "method: lora\n  rank: 4\n  init: olora",
    "orthogonal": "method: lora\n  rank: 4\n  init: orthogonal",
    "adaption prompt": "method: llama-adapter\n  prompt_length: 5\n  layers: 2\n  gate: single\n  gate_activation: identity",
}


def main():
    cria = os.path.abspath(sys.argv[1])
    random.seed(1)
    ids = [[random.randrange(320) for _ in range(40)] for _ in range(3)]
    for row in ids:
        row[5], row[6] = 3, 17      # the trained token rows must be seen
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "ids.json"), "w") as file:
            json.dump(ids, file)
        print(f"{'adapter':<22}{'from':<8}{'largest difference':>20}")
        for name, config in THEIRS.items():
            failed |= report(name, "peft", lambda: from_peft(cria, folder, config, ids))
        for name, settings in OURS.items():
            failed |= report(name, "cria", lambda: from_cria(cria, folder, settings, ids))
    sys.exit(1 if failed else 0)


def report(name, origin, compare):
    try:
        difference = compare()
    except Exception as error:      # a line that fails must not hide the others
        print(f"{name:<22}{origin:<8}{'failed':>20}  {str(error)[-300:]}")
        return True
    print(f"{name:<22}{origin:<8}{difference:>20.2e}{'' if difference < TOLERANCE else '  TOO FAR'}", flush=True)
    return difference >= TOLERANCE


def from_peft(cria, folder, config, ids):
    torch.manual_seed(1)
    model = get_peft_model(LlamaForCausalLM.from_pretrained(BASE, dtype=torch.float32), config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.05)
    adapter = tempfile.mkdtemp(dir=folder)
    model.save_pretrained(adapter)
    return difference(model, cria, folder, adapter, ids)


def from_cria(cria, folder, settings, ids):
    run = tempfile.mkdtemp(dir=folder)
    records, recipe, out = (os.path.join(run, name) for name in ("records.jsonl", "recipe.yaml", "run"))
    with open(records, "w") as file:
        for row in ids * 4:
            file.write(json.dumps({"input_ids": row, "labels": row}) + "\n")
    with open(recipe, "w") as file:
        file.write(f"""model: {BASE}
out: {out}
data:
  train: {records}
  format: tokens
  packing: false
peft:
  {settings}
train:
  steps: 6
  batch_size: 4
  learning_rate: 2e-2
""")
    subprocess.run([cria, "train", recipe], check=True, capture_output=True)
    model = PeftModel.from_pretrained(LlamaForCausalLM.from_pretrained(BASE, dtype=torch.float32), out)
    return difference(model, cria, folder, out, ids)


def difference(model, cria, folder, adapter, ids):
    answer = subprocess.run(
        [cria, "score", BASE, "--adapter", adapter, "--token-ids", os.path.join(folder, "ids.json"), "--json"],
        capture_output=True, text=True)
    if answer.returncode:
        raise RuntimeError(answer.stderr)
    found = json.loads(answer.stdout)
    model.eval()
    with torch.no_grad():
        scores = torch.log_softmax(model(torch.tensor(ids)).logits.float(), -1)
    largest = 0
    for row, sequence in enumerate(found["sequences"]):
        for place, value in enumerate(sequence["logprobs"]):
            if value is not None:
                largest = max(largest, abs(value - scores[row, place - 1, ids[row][place]].item()))
    return largest


if __name__ == "__main__":
    main()
