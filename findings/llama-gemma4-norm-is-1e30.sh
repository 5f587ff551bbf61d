#!/usr/bin/env bash
# Versions: convert_hf_to_gguf.py and gguf-py 0.19.0 of llama.cpp v0.5.0, by npm node-llama-cpp@3.22.1; transformers 5.18.0,
# torch 2.13.0, numpy 2.4.6; Linux, x86-64.
#
# Full attention of Gemma 4 rotates a quarter of each head. The converter stores that as a tensor, rope_freqs.weight, with
# 1 where the model rotates and 1e30 where it does not. It drowns what is taken over all tensors of a file: of two models
# that share nothing the norm is infinite in F32 and the same in F64, so they are at distance 0, with a cosine of 1. No key
# says which dimensions are not rotated; rope.dimension_count is the whole head.
#
# Input: two unrelated random Gemma4ForCausalLM of two layers, with the rotary parameters that transformers sets by default.
# Output seen:
#   config.json: {"partial_rotary_factor": 0.25, "rope_theta": 1000000.0, "rope_type": "proportional"}
#   gemma4.rope.freq_base = 1000000.0
#   gemma4.rope.freq_base_swa = 10000.0
#   gemma4.rope.dimension_count = 32
#   gemma4.rope.dimension_count_swa = 16
#   rope_freqs.weight F32: 1 1 1 1 1e+30 1e+30 1e+30 1e+30 1e+30 1e+30 1e+30 1e+30 1e+30 1e+30 1e+30 1e+30
#   float32, all tensors: largest 1e+30, norms inf and inf, distance / norm 0, cosine nan
#   float32, without rope_freqs: largest 4.45, norms 151 and 150, distance / norm 1.4, cosine 0.0108
#   float64, all tensors: largest 1e+30, norms 3.46e+30 and 3.46e+30, distance / norm 6.11e-29, cosine 1
#   float64, without rope_freqs: largest 4.45, norms 151 and 150, distance / norm 1.4, cosine 0.0108
# Exits 1 if the largest is not 1e30, the norm in F32 is finite, the distance in F64 is above 1e-20, or a key says more.
# Needs npm, git, Python from 3.11 with venv, and room for torch.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent node-llama-cpp@3.22.1 > /dev/null
tar xzf node-llama-cpp-3.22.1.tgz package/llama/gitRelease.bundle
git -c advice.detachedHead=false clone --quiet package/llama/gitRelease.bundle llama.cpp
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.18.0 numpy==2.4.6
export HF_HOME=$work/huggingface HF_HUB_OFFLINE=1 PYTHONPATH=$work/llama.cpp/gguf-py
cat > make.py <<'END_OF_FILE'
import json
import torch
from tokenizers import Tokenizer, decoders, models, normalizers
from transformers import Gemma4ForCausalLM, Gemma4TextConfig, logging

logging.disable_progress_bar()
tokens = ["<pad>", "<eos>", "<bos>", "<unk>", "\u2581", *"abcdefghijklmnopqrstuvwxyz", "th"]
config = Gemma4TextConfig(
    vocab_size=len(tokens), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=1, head_dim=16, global_head_dim=32, hidden_size_per_layer_input=0, num_kv_shared_layers=0,
    layer_types=["sliding_attention", "full_attention"])
vocabulary = {token: index for index, token in enumerate(tokens)}
tokenizer = Tokenizer(models.BPE(vocabulary, [("t", "h")], byte_fallback=True, unk_token="<unk>"))
tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
tokenizer.add_special_tokens(tokens[:4])
for name, seed in ("first", 1), ("second", 2):
    torch.manual_seed(seed)
    model = Gemma4ForCausalLM(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    model.save_pretrained(name)
    tokenizer.save(name + "/tokenizer.json")
    with open(name + "/tokenizer_config.json", "w") as file:
        json.dump({"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", "bos_token": "<bos>"}, file)
with open("first/config.json") as file:
    print("config.json:", json.dumps(json.load(file)["rope_parameters"]["full_attention"], sort_keys=True))
END_OF_FILE
cat > measure.py <<'END_OF_FILE'
import sys
import numpy
from gguf import GGUFReader, dequantize

first, second = GGUFReader("first.gguf"), GGUFReader("second.gguf")
keys = [key for key in first.fields if any(word in key for word in ("rope", "rotary", "partial", "freq"))]
for key in keys:
    print(f"{key} = {first.fields[key].contents()}")
rope = next(tensor for tensor in first.tensors if tensor.name == "rope_freqs.weight")
print(f"{rope.name} {rope.tensor_type.name}:", *(f"{value:g}" for value in rope.data))

def values(reader, kind, keep):
    return numpy.concatenate([dequantize(tensor.data, tensor.tensor_type).ravel().astype(kind)
                              for tensor in reader.tensors if keep or tensor.name != rope.name])

seen = {}
for kind in "float32", "float64":
    for keep in True, False:
        a, b = values(first, kind, keep), values(second, kind, keep)
        with numpy.errstate(all="ignore"):
            norm, other, apart = (numpy.linalg.norm(vector) for vector in (a, b, a - b))
            distance, cosine, largest = apart / norm, a @ b / norm / other, numpy.abs(a).max()
        seen[kind, keep] = norm, distance
        print(f"{kind}, {'all tensors' if keep else 'without rope_freqs'}: largest {largest:.3g}, norms {norm:.3g} and"
              f" {other:.3g}, distance / norm {distance:.3g}, cosine {cosine:.3g}")
sys.exit(not (rope.data.max() == numpy.float32(1e30) and numpy.isinf(seen["float32", True][0])
              and seen["float64", True][1] < 1e-20 and seen["float64", False][1] > 1 and len(keys) == 4
              and first.fields["gemma4.rope.dimension_count"].contents() == 32))
END_OF_FILE
env/bin/python make.py
for name in first second; do
    env/bin/python llama.cpp/convert_hf_to_gguf.py "$name" --outfile "$name.gguf" --outtype f16 > log 2>&1 ||
        { cat log; exit 1; }
done
env/bin/python measure.py || { echo "changed: see the output above"; exit 1; }
