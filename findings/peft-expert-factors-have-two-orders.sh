#!/usr/bin/env bash
# Versions: peft 0.21.0, transformers 5.18.0, torch 2.13.0, safetensors 0.8.0; Python 3.11.
#
# LoRA on the experts of a mixture that transformers keeps in one parameter (PEFT's target_parameters) is saved as two
# matrices, lora_A of experts * rank rows and lora_B of experts * rank columns. Row k of the one does not belong to column
# k of the other: rows go by expert and then by rank, columns by rank and then by expert, so that the product of the two
# matrices, or of one expert's part of each, has nothing to do with any expert's delta. No field of the files says so.
#
# Input: a random Qwen3-MoE of one layer and four experts, rank 2 on both parameters of the experts.
# Output seen:
#   names: experts.base_layer.lora_A.weight experts.base_layer.lora_B.weight experts.lora_A.weight experts.lora_B.weight
#   rows by expert, columns by rank: the merged delta
#   rows and columns by expert: another delta, off by more than its own size: true
# Exits 1 if any of that changes. Needs python3 with venv, and network for pip.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.18.0 peft==0.21.0 safetensors==0.8.0
cat > factors.py <<'END'
import copy, os, tempfile
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from transformers import Qwen3MoeConfig, Qwen3MoeForCausalLM

EXPERTS, RANK, ALPHA = 4, 2, 2
PARAMETERS = ["gate_up_proj", "down_proj"]
torch.manual_seed(0)
base = Qwen3MoeForCausalLM(Qwen3MoeConfig(
    vocab_size=64, hidden_size=32, intermediate_size=64, moe_intermediate_size=16, num_hidden_layers=1,
    num_attention_heads=2, num_key_value_heads=1, num_experts=EXPERTS, num_experts_per_tok=2, head_dim=16))

config = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=[],
                    target_parameters=["mlp.experts." + parameter for parameter in PARAMETERS])
model = get_peft_model(copy.deepcopy(base), config)
with torch.no_grad():
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.normal_()
with tempfile.TemporaryDirectory() as folder:
    model.save_pretrained(folder)
    stored = load_file(os.path.join(folder, "adapter_model.safetensors"))
factors = {name.removeprefix("base_model.model.model.layers.0.mlp."): value for name, value in stored.items()}
merged = model.merge_and_unload()
names = sorted(factors)
print("names:", *names)

experts = lambda model: model.model.layers[0].mlp.experts
right, wrong = 0, []
for parameter in PARAMETERS:
    delta = (getattr(experts(merged), parameter) - getattr(experts(base), parameter)).detach()
    for kind in ("experts.base_layer.", "experts."):
        a, b = factors[kind + "lora_A.weight"], factors[kind + "lora_B.weight"]
        for rows_in, transpose in ((delta.shape[2], False), (delta.shape[1], True)):
            if a.shape[1] != rows_in or b.shape[0] != delta.shape[2 if transpose else 1]:
                continue
            wanted = delta.transpose(1, 2) if transpose else delta
            by_expert = a.reshape(EXPERTS, RANK, -1)
            two_orders = torch.einsum("ore,eri->eoi", b.reshape(b.shape[0], RANK, EXPERTS), by_expert) * ALPHA / RANK
            one_order = torch.einsum("oer,eri->eoi", b.reshape(b.shape[0], EXPERTS, RANK), by_expert) * ALPHA / RANK
            if torch.allclose(two_orders, wanted, atol=1e-4):
                right += 1
                wrong.append(((one_order - wanted).norm() / wanted.norm()).item())
print("rows by expert, columns by rank:", "the merged delta" if right == 2 else "not the merged delta")
off = bool(wrong) and min(wrong) > 1
print("rows and columns by expert: another delta, off by more than its own size:", str(off).lower())
expected = ["experts.base_layer.lora_A.weight", "experts.base_layer.lora_B.weight",
            "experts.lora_A.weight", "experts.lora_B.weight"]
raise SystemExit(0 if names == expected and right == 2 and off else 1)
END
OMP_NUM_THREADS=1 venv/bin/python factors.py
