#!/usr/bin/env bash
# Versions: peft 0.21.0, transformers 5.18.0, torch 2.13.0, safetensors 0.8.0; Python 3.11.
#
# One folder with a LoRA adapter, two loaders, two models. Without the prefix "base_model.model." before the names of its
# tensors transformers' load_adapter applies the adapter, and PEFT's from_pretrained leaves the base as it was, with a
# warning. Factors of layers that layers_to_transform or exclude_modules of adapter_config.json leave out are left out by
# both; transformers lists them as unexpected, PEFT says nothing.
#
# Input: a random Llama of two layers, an adapter of rank 4 on the queries and values of both.
# Output seen:
#   layers_to_transform: file has layers 0 1, PEFT uses 0, and warns: false
#   exclude_modules: file has layers 0 1, PEFT uses 0, and warns: false
#   without the prefix: transformers applies the adapter: true
#   without the prefix: PEFT leaves the base as it was: true, and warns: true
# Exits 1 if any of that changes. Needs python3 with venv, and network for pip.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.18.0 peft==0.21.0 safetensors==0.8.0
cat > loaders.py <<'END'
import copy, json, os, tempfile, warnings
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM

PREFIX = "base_model.model."
torch.manual_seed(0)
base = LlamaForCausalLM(LlamaConfig(
    vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=2)).eval()
tokens = torch.arange(16).reshape(1, 16)


def logits(model):
    return model.eval()(tokens).logits.detach()


def same(one, other):
    return torch.allclose(one, other, atol=1e-5)


def load_by_peft(folder):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = PeftModel.from_pretrained(copy.deepcopy(base), folder)
    return model, any("lora_" in str(each.message) for each in caught)


def layers(model):
    return sorted({name.split(".layers.")[1][0] for name, _ in model.named_parameters() if "lora_" in name})


adapted = get_peft_model(copy.deepcopy(base), LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"]))
with torch.no_grad():
    for name, parameter in adapted.named_parameters():
        if "lora_" in name:
            parameter.normal_(std=0.3)
assert not same(logits(adapted), logits(base))
seen = []


def tell(text, *found):
    seen.append(found)
    print(text.format(*(str(each).lower() for each in found)))


with tempfile.TemporaryDirectory() as folder:
    adapted.save_pretrained(folder)
    tensors = os.path.join(folder, "adapter_model.safetensors")
    config = os.path.join(folder, "adapter_config.json")
    with open(config) as file:
        written = json.load(file)
    for key, value in (("layers_to_transform", [0]), ("exclude_modules", r".*\.layers\.1\..*")):
        with open(config, "w") as file:
            json.dump({**written, key: value}, file)
        model, warned = load_by_peft(folder)
        tell(key + ": file has layers 0 1, PEFT uses {}, and warns: {}", " ".join(layers(model)), warned)
    with open(config, "w") as file:
        json.dump(written, file)
    save_file({name.removeprefix(PREFIX): value for name, value in load_file(tensors).items()}, tensors, {"format": "pt"})
    model = copy.deepcopy(base)
    model.load_adapter(folder)
    tell("without the prefix: transformers applies the adapter: {}", same(logits(model), logits(adapted)))
    model, warned = load_by_peft(folder)
    tell("without the prefix: PEFT leaves the base as it was: {}, and warns: {}", same(logits(model), logits(base)), warned)
raise SystemExit(0 if seen == [("0", False), ("0", False), (True,), (True, True)] else 1)
END
OMP_NUM_THREADS=1 venv/bin/python loaders.py 2> errors || { cat errors >&2; exit 1; }
