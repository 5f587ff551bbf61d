"""Makes the folders beside it: small random pairs of Hugging Face models, with what they become as GGUF.

    python make_folders.py --llama-cpp LLAMA_CPP [--expo-gguf COMMAND] [--out FOLDER] [--work FOLDER] [NAME...]

LLAMA_CPP is a checkout of the pinned llama.cpp; its convert_hf_to_gguf.py and its gguf-py are used as they are. Made
with Python 3.11, torch 2.13.0, transformers 5.18.0, safetensors 0.8.0, tokenizers 0.23.2, sentencepiece 0.2.2, protobuf
7.36.2, numpy 2.4.6 and peft 0.21.0. COMMAND is expo-gguf, for the template in Q4_K_M, a type that the converter cannot
write. README.md describes the files. Every weight comes from a seeded generator, so a second run writes the same bytes.
"""

import argparse
import hashlib
import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import numpy
import safetensors.torch
import tokenizers
import torch
import transformers
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

ALPHA = 0.5
VOCABULARY = 48
DELTA = 0.01
SMALL_DELTA = 0.05  # of vectors: less would vanish in BF16, next to norms of about 1

ORDINARY = 42  # tokens that every tokenizer has, SPECIAL included
SPECIAL = ["<unk>", "<s>", "</s>", "<pad>", "<|endoftext|>", "<|user|>", "<|assistant|>", "<|observation|>", "[gMASK]"]

COMMON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 3,
    "tie_word_embeddings": False,
}


class Model:
    """One pair: `config` and `changes` of its configuration class, and how it is stored.

    sft, aligned: torch types of the two checkpoints. shift: norms are stored without the 1 that they are used with.
    shard: largest size of a file. quantize: called with the state of a checkpoint, gives the published one. tokenizer:
    bytes (byte-level BPE; gpt2 under another name), pieces (SentencePiece), byte_fallback (BPE of pieces). options: of
    the converter. configuration: what config.json must say beyond what is saved. extra: names and shapes of tensors
    that are published and that transformers drops. publish: makes what is published of the tensors that are saved.
    like: type of the template. plain: the aligned checkpoint is not quantized. rows, added: of each checkpoint the rows
    of its embedding and what its tokenizer.json, which lies in the folder, adds to the vocabulary.
    """

    def __init__(self, config, changes=None, *, sft="bfloat16", aligned=None, shift=False, shard=None, quantize=None,
                 tokenizer="bytes", options=(), configuration=None, extra=None,
                 publish=None, like="q8_0", plain=False, rows=None, added=None):
        self.config = config
        self.changes = changes or {}
        self.sft = getattr(torch, sft)
        self.aligned = getattr(torch, aligned or sft)
        self.shift = shift
        self.shard = shard
        self.quantize = quantize
        self.tokenizer = tokenizer
        self.options = list(options)
        self.configuration = configuration or {}
        self.extra = extra
        self.publish = publish
        self.like = like
        self.plain = plain
        self.rows = rows
        self.added = added

    def make(self, aligned):
        if "text_config" in self.changes:
            text = {**COMMON, **self.changes["text_config"]}
            config = getattr(transformers, self.config)(**{**self.changes, "text_config": text})
            return transformers.AutoModelForImageTextToText.from_config(config)
        changes = {**COMMON, **self.changes, **({"vocab_size": self.rows[aligned]} if self.rows else {})}
        config = getattr(transformers, self.config)(**changes)
        return transformers.AutoModelForCausalLM.from_config(config)


def eight_bits(value, scale):
    return (value / scale).clamp(-448, 448).to(torch.float8_e4m3fn)


def projections(state):
    """The names of the matrices that checkpoints in F8 store in eight bits: all linear layers but router and head."""
    return [name for name, tensor in state.items()
            if tensor.dim() == 2 and "_proj" in name and name.endswith(".weight")]


def fp8_blocks(state):
    """As DeepSeek-V3 is published: a float32 scale for each block of a matrix; the last blocks may be incomplete."""
    rows, columns = 16, 24
    for name in projections(state):
        value = state[name].float()
        height, width = -(-value.shape[0] // rows), -(-value.shape[1] // columns)
        scale = torch.empty(height, width)
        for i in range(height):
            for j in range(width):
                scale[i, j] = value[i * rows:(i + 1) * rows, j * columns:(j + 1) * columns].abs().max() / 448
        wide = scale.repeat_interleave(rows, 0).repeat_interleave(columns, 1)[:value.shape[0], :value.shape[1]]
        state[name] = eight_bits(value, wide)
        state[name + "_scale_inv"] = scale
    return state, {"activation_scheme": "dynamic", "fmt": "e4m3", "quant_method": "fp8",
                   "weight_block_size": [rows, columns]}


def compressed_blocks(state):
    """As compressed-tensors writes blocks of F8: what DeepSeek-V3 has, under other names."""
    state, config = fp8_blocks(state)
    for name in [name for name in state if name.endswith("_scale_inv")]:
        state[name.removesuffix("_inv")] = state.pop(name)
    weights = {"num_bits": 8, "type": "float", "strategy": "block", "symmetric": True, "dynamic": False,
               "group_size": None, "block_structure": config["weight_block_size"]}
    return state, {"quant_method": "compressed-tensors", "format": "float-quantized", "ignore": ["lm_head"],
                   "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights}}}


def mxfp4(state):
    """As gpt-oss is published: numbers of four bits, two in a byte, and a power of two for each 32 of them."""
    levels = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])
    for name in [name for name in state if name.endswith((".gate_up_proj", ".down_proj"))]:
        value = state.pop(name).float().transpose(1, 2)
        value = value.reshape(*value.shape[:2], -1, 32)
        exponent = value.abs().amax(-1).log2().floor() - 2
        value = value / torch.exp2(exponent).unsqueeze(-1)
        code = (value.abs().unsqueeze(-1) - levels).abs().argmin(-1) + 8 * (value < 0)
        state[name + "_blocks"] = (code[..., 0::2] + 16 * code[..., 1::2]).to(torch.uint8)
        state[name + "_scales"] = (exponent + 127).to(torch.uint8)
    return state, {"quant_method": "mxfp4", "modules_to_not_convert": [
        "model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]}


def fp8_channels(state):
    """As compressed-tensors writes FP8-dynamic: a scale of the checkpoint's type for each row."""
    for name in projections(state):
        value = state[name].float()
        scale = (value.abs().amax(1, keepdim=True) / 448).to(state[name].dtype)
        state[name] = eight_bits(value, scale.float())
        state[name + "_scale"] = scale
    weights = {"num_bits": 8, "type": "float", "strategy": "channel", "symmetric": True, "dynamic": False,
               "group_size": None, "block_structure": None}
    return state, {"quant_method": "compressed-tensors", "format": "float-quantized", "ignore": ["lm_head"],
                   "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights}}}


def fp8_tensors(state):
    """As ModelOpt writes FP8: one float32 scale for a matrix, and one for its input, which is no weight."""
    for name in projections(state):
        value = state[name].float()
        scale = value.abs().max() / 448
        state[name] = eight_bits(value, scale)
        state[name + "_scale"] = scale
        state[name.removesuffix("weight") + "input_scale"] = torch.tensor(0.02)
    return state, {"quant_method": "modelopt", "quant_algo": "FP8"}


def offset(name):
    """Qwen3-Next and Qwen3.5 use their norms plus 1, but for the gated norm of the linear attention."""
    return not name.endswith("linear_attn.norm.weight")


def mtp(state):
    """The block that predicts one more token, as Qwen3-Next and Qwen3.5 are published."""
    extra = {"mtp.fc.weight": (32, 64)}
    for name in ("norm", "pre_fc_norm_embedding", "pre_fc_norm_hidden"):
        extra[f"mtp.{name}.weight"] = (32,)
    for name, tensor in state.items():
        if name.startswith("model.layers.1."):
            extra[name.replace("model.layers.1.", "mtp.layers.0.")] = tensor.shape
    return extra


def nextn(state):
    """The same of GLM-4.5 and DeepSeek-V3: one layer more than num_hidden_layers says."""
    extra = {"model.layers.2.eh_proj.weight": (32, 64)}
    for name in ("enorm", "hnorm", "shared_head.norm"):
        extra[f"model.layers.2.{name}.weight"] = (32,)
    for name, tensor in state.items():
        if name.startswith("model.layers.1."):
            extra[name.replace("model.layers.1.", "model.layers.2.")] = tensor.shape
    return extra


def fuse_experts(state):
    """Qwen3.5's experts are published as two tensors of three dimensions; transformers saves each expert."""
    published, experts = {}, {}
    for name, tensor in state.items():
        if ".mlp.experts." not in name:
            published[name] = tensor
            continue
        prefix, index, kind, _ = name.rsplit(".", 3)
        experts.setdefault(prefix + ".", {})[int(index), kind] = tensor
    for prefix, parts in experts.items():
        count = 1 + max(index for index, _ in parts)
        published[prefix + "gate_up_proj"] = torch.stack(
            [torch.cat([parts[i, "gate_proj"], parts[i, "up_proj"]]) for i in range(count)])
        published[prefix + "down_proj"] = torch.stack([parts[i, "down_proj"] for i in range(count)])
    return published


def linear_attention(heads):
    return {**TWO_LAYERS, "head_dim": 8, "linear_num_key_heads": 2, "linear_num_value_heads": heads,
            "linear_key_head_dim": 8, "linear_value_head_dim": 8, "layer_types": ["linear_attention", "full_attention"]}


# Without sections the converter takes those of the published models, which heads of this length have no room for.
SECTIONS = {"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.25,
                                "mrope_section": [1, 0, 0]}}
TWO_LAYERS = {"num_hidden_layers": 2}
EXPERTS = {"num_experts": 2, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
           "shared_expert_intermediate_size": 32}
MLA = {**TWO_LAYERS, "intermediate_size": 32, "num_key_value_heads": 4, "kv_lora_rank": 32, "qk_nope_head_dim": 8,
       "qk_rope_head_dim": 8, "v_head_dim": 16, "moe_intermediate_size": 32, "n_shared_experts": 2,
       "n_routed_experts": 2, "num_experts_per_tok": 2, "n_group": 1, "topk_group": 1, "first_k_dense_replace": 1}
GEMMA = {"head_dim": 16, "query_pre_attn_scalar": 16, "tie_word_embeddings": True, "sliding_window": 64}
MAMBA = {"mamba_n_heads": 8, "mamba_d_head": 8, "mamba_n_groups": 2, "mamba_d_state": 16, "mamba_d_conv": 4,
         "mamba_expand": 2}
GPT_OSS = {"head_dim": 16, "num_local_experts": 2, "num_experts_per_tok": 2}
LONGROPE = {"rope_type": "longrope", "rope_theta": 10000.0, "original_max_position_embeddings": 64,
            "short_factor": [1.0, 1.1, 1.25, 1.5], "long_factor": [1.0, 2.0, 4.0, 8.0]}

# What cannot be made as it is published, with these versions:
#  * Qwen3-Next, Qwen3.5, GLM-4.5 and DeepSeek-V3: transformers drops the block that predicts one more token, so `extra`
#    adds it to two of them; the converter needs --no-nextn for Qwen3-Next and Qwen3.5 where it is missing.
#  * Cohere2: transformers drops rotary_pct, which the converter wants (KeyError), so config.json says it again.
#  * GraniteMoeHybrid: transformers changes "mamba" and "attention" of layer_types to "linear_attention" and
#    "full_attention"; the converter then sees no attention (q and k not permuted, head_count_kv 0, exit 0), so
#    config.json says the published words again.
#  * gpt-oss is published in MXFP4, which transformers does not write: `mxfp4` does. What it saves is BF16, which is what
#    fine-tuned copies of it are.
#  * compressed-tensors with one scale for each matrix ("strategy": "tensor"): the converter takes rows and blocks.
MODELS = {
    "llama": Model("LlamaConfig", TWO_LAYERS),
    "llama_rope": Model("LlamaConfig", {"tie_word_embeddings": True, "rope_parameters": {
        "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64}}, sft="float32"),
    "llama_shards": Model("LlamaConfig", {"attention_bias": True, "mlp_bias": True}, sft="float16",
                          shard=8000),
    "llama_fp8": Model("LlamaConfig", quantize=fp8_channels),
    "llama_fp8_tensor": Model("LlamaConfig", quantize=fp8_tensors),
    "llama_fp8_blocks": Model("LlamaConfig", quantize=compressed_blocks),
    "fused": Model("LlamaConfig", options=["--fuse-qkv"]),
    "tokens": Model("LlamaConfig", rows=(44, 48), added=(
        ["<|im_end|>", "<|only_sft|>"], ["<|im_start|>", "<|im_end|>", "<|tool|>"])),
    "llama_wide": Model("LlamaConfig", {
        "hidden_size": 256, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8, "intermediate_size": 32,
        "tie_word_embeddings": True}, like="Q4_K_M"),
    "llama4": Model("Llama4TextConfig", {
        **TWO_LAYERS, "head_dim": 8, "intermediate_size_mlp": 64, "intermediate_size": 32, "num_local_experts": 2,
        "interleave_moe_layer_step": 2}),
    "mistral": Model("MistralConfig", {"head_dim": 16}, sft="float16", aligned="bfloat16"),
    "mixtral": Model("MixtralConfig", {"num_local_experts": 3}),
    "qwen2": Model("Qwen2Config"),
    "qwen3": Model("Qwen3Config", {"head_dim": 16}),
    "qwen3_moe": Model("Qwen3MoeConfig", {
        "head_dim": 16, "num_experts": 3, "num_experts_per_tok": 2, "moe_intermediate_size": 64}),
    "qwen3_next": Model("Qwen3NextConfig", {**EXPERTS, **linear_attention(4)},
                        shift=offset, extra=mtp),
    "qwen3_5": Model("Qwen3_5TextConfig", {**SECTIONS, **linear_attention(4)}, shift=offset, options=["--no-nextn"]),
    "qwen3_5_moe": Model("Qwen3_5MoeConfig", {
        "text_config": {**EXPERTS, **SECTIONS, **linear_attention(4)}, "vision_config": {
            "depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "patch_size": 2,
            "out_hidden_size": 32, "num_position_embeddings": 16}}, shift=offset, options=["--no-nextn"],
        publish=fuse_experts),
    "gemma2": Model("Gemma2Config", GEMMA, sft="float32", aligned="bfloat16", shift=True, tokenizer="pieces"),
    "gemma3": Model("Gemma3TextConfig", GEMMA, shift=True, tokenizer="pieces"),
    "gemma3_vision": Model("Gemma3Config", {
        "text_config": {**GEMMA, "vocab_size": VOCABULARY + 16}, "mm_tokens_per_image": 4,
        "tie_word_embeddings": True, "vision_config": {
            "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
            "image_size": 16, "patch_size": 4}}, shift=True),
    "gemma4": Model("Gemma4TextConfig", {
        "head_dim": 8, "global_head_dim": 16, "hidden_size_per_layer_input": 32, "intermediate_size": 32,
        "sliding_window": 64,
        "vocab_size_per_layer_input": VOCABULARY, "num_hidden_layers": 2, "num_kv_shared_layers": 1,
        "layer_types": ["full_attention", "full_attention"],
        "tie_word_embeddings": True}, tokenizer="byte_fallback"),
    "gemma4_moe": Model("Gemma4TextConfig", {
        **TWO_LAYERS,
        "head_dim": 8, "global_head_dim": 16, "hidden_size_per_layer_input": 0, "intermediate_size": 32,
        "sliding_window": 64,
        "layer_types": ["sliding_attention", "full_attention"], "enable_moe_block": True, "num_experts": 2,
        "top_k_experts": 2, "moe_intermediate_size": 32, "attention_k_eq_v": True, "num_global_key_value_heads": 1,
        "tie_word_embeddings": True}, tokenizer="byte_fallback"),
    "phi3": Model("Phi3Config", tokenizer="pieces"),
    "phi3_longrope": Model("Phi3Config", {
        "rope_parameters": LONGROPE, "original_max_position_embeddings": 64}, tokenizer="gpt2"),
    "granite": Model("GraniteConfig", {"embedding_multiplier": 12.0, "logits_scaling": 8.0,
                                       "residual_multiplier": 0.22, "attention_multiplier": 0.0078125}),
    "granitemoe": Model("GraniteMoeConfig", {
        "intermediate_size": 32, "num_local_experts": 4, "num_experts_per_tok": 2}),
    "granitemoehybrid": Model("GraniteMoeHybridConfig", {
        **MAMBA, **TWO_LAYERS, "intermediate_size": 32, "num_local_experts": 2, "num_experts_per_tok": 2,
        "shared_intermediate_size": 32,
        "layer_types": ["mamba", "attention"]}, configuration={"layer_types": ["mamba", "attention"]}),
    "olmo2": Model("Olmo2Config"),
    "falcon_h1": Model("FalconH1Config", {
        **MAMBA, "head_dim": 8, "mamba_d_ssm": 64, "mamba_rms_norm": True,
        "lm_head_multiplier": 0.039, "embedding_multiplier": 5.65, "mlp_multipliers": [0.88, 0.62],
        "key_multiplier": 0.39, "attention_out_multiplier": 0.93, "attention_in_multiplier": 1.25,
        "ssm_multipliers": [0.35, 0.25, 0.18, 0.5, 0.31], "ssm_in_multiplier": 1.2, "ssm_out_multiplier": 0.23}),
    "mamba2": Model("Mamba2Config", {"num_heads": 8, "head_dim": 8, "state_size": 16, "n_groups": 2, "expand": 2}),
    "glm4": Model("Glm4Config", {"head_dim": 16, "attention_bias": True}),
    "glm4_moe": Model("Glm4MoeConfig", {
        **TWO_LAYERS, "intermediate_size": 32,
        "head_dim": 8, "attention_bias": True, "use_qk_norm": True, "moe_intermediate_size": 32,
        "n_routed_experts": 2, "num_experts_per_tok": 2, "first_k_dense_replace": 1},
        configuration={"num_nextn_predict_layers": 1}, extra=nextn),
    "deepseek_v2": Model("DeepseekV2Config", {**MLA, "q_lora_rank": None}),
    "deepseek_v3": Model("DeepseekV3Config", {**MLA, "q_lora_rank": 32}, quantize=fp8_blocks),
    "gpt_oss": Model("GptOssConfig", GPT_OSS),
    "gpt_oss_mxfp4": Model("GptOssConfig", GPT_OSS, quantize=mxfp4),
    "gpt_oss_tuned": Model("GptOssConfig", GPT_OSS, quantize=mxfp4, plain=True),
    "smollm3": Model("SmolLM3Config", {"tie_word_embeddings": True}, sft="float16"),
    "cohere": Model("CohereConfig", {"use_qk_norm": True, "tie_word_embeddings": True}),
    "cohere2": Model("Cohere2Config", {"tie_word_embeddings": True, "head_dim": 8}, configuration={"rotary_pct": 1.0}),
    "lfm2": Model("Lfm2Config", {**TWO_LAYERS, "layer_types": ["conv", "full_attention"],
                                 "block_auto_adjust_ff_dim": False, "tie_word_embeddings": True}),
}


LINEAR = "all-linear"
ATTENTION = ["q_proj", "v_proj"]

# Options of peft.LoraConfig, on the sft checkpoint of the folder named first.
ADAPTERS = {
    "llama_plain": ("llama", {"r": 4, "lora_alpha": 8, "target_modules": LINEAR}),
    "llama_patterns": ("llama", {
        "r": 4, "lora_alpha": 4, "target_modules": LINEAR, "rank_pattern": {"down_proj": 2, r"layers\.1\..*q_proj": 8},
        "alpha_pattern": {"down_proj": 8, "k_proj": 16}}),
    "llama_saved": ("llama", {
        "r": 4, "lora_alpha": 4, "target_modules": ATTENTION,
        "modules_to_save": ["embed_tokens", "lm_head", "input_layernorm"]}),
    "llama_layers": ("llama", {
        "r": 4, "lora_alpha": 4, "layers_to_transform": [1], "layers_pattern": "layers",
        "target_modules": [*ATTENTION, "k_proj", "o_proj", "up_proj", "down_proj"], "exclude_modules": ["o_proj"],
        "rank_pattern": {r"(?P<part>mlp)\.(?:up|gate)_proj": 2},
        "alpha_pattern": {r"(?#a comment)self_attn\.[qk[]_proj\Z": 16}}),
    "llama_expression": ("llama", {
        "r": 4, "lora_alpha": 4, "target_modules": r".*\.(?P<n>\d)\.(?:self_attn|mlp)\.(?!k)(?P<m>\w{,2})_?\w*proj"}),
    "llama_dora": ("llama", {"r": 4, "lora_alpha": 4, "target_modules": ATTENTION, "use_dora": True}),
    "mixtral_experts": ("mixtral", {
        "r": 2, "lora_alpha": 4, "target_modules": ATTENTION,
        "target_parameters": ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]}),
    "qwen3_rslora": ("qwen3", {
        "r": 4, "lora_alpha": 4, "target_modules": LINEAR, "use_rslora": True, "rank_pattern": {"o_proj": 16},
        "alpha_pattern": {"v_proj": 8}}),
    "fused_all": ("fused", {
        "r": 4, "lora_alpha": 4, "target_modules": LINEAR, "rank_pattern": {"k_proj": 8, "v_proj": 2},
        "alpha_pattern": {"q_proj": 8}}),
    "fused_some": ("fused", {"r": 4, "lora_alpha": 8, "target_modules": ATTENTION}),
    "phi3_plain": ("phi3", {"r": 4, "lora_alpha": 8, "target_modules": LINEAR}),
    "gemma3_embedding": ("gemma3", {"r": 4, "lora_alpha": 8, "target_modules": ["embed_tokens", *ATTENTION]}),
    "gemma3_norms": ("gemma3", {"r": 4, "lora_alpha": 8, "target_modules": ATTENTION,
                                "modules_to_save": ["q_norm", "post_feedforward_layernorm"]}),
}


def generator(*words):
    digest = hashlib.sha256("/".join(words).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7], "little"))


def draw(name, shape, shift, random):
    """Weights as large as trained ones: norms around 1, biases around 0, the decay of a state space 1 to 16."""
    noise = torch.randn(shape, generator=random)
    last = name.rpartition(".")[2]
    if last == "A_log":
        return torch.log(1 + 15 * torch.rand(shape, generator=random))
    if last in ("dt_bias",) or name.endswith("dt_proj.bias"):
        return noise - 2
    if last in ("D", "scale", "layer_scalar", "per_expert_scale"):
        return 1 + 0.1 * noise
    if "norm" in name and last == "weight" and len(shape) == 1:
        return (0 if shift(name) else 1) + 0.1 * noise
    if len(shape) == 1:
        return 0.1 * noise
    if "conv" in name:
        return 0.3 * noise
    return 0.1 * noise


def weights(label, name, shape, shift, aligned):
    value = draw(name, shape, shift, generator(label, name, "sft"))
    if aligned:
        spread = value.std() if value.numel() > 2 else value.abs().mean()
        delta = DELTA if len(shape) > 1 else SMALL_DELTA
        value = value + delta * spread * torch.randn(shape, generator=generator(label, name, "aligned"))
    return value


def fill(label, model, shift, aligned):
    seen = set()
    with torch.no_grad():
        entries = list(model.named_parameters()) + list(model.named_buffers())
        persistent = set(model.state_dict())
        for name, tensor in entries:
            if name not in persistent or not tensor.is_floating_point() or tensor.data_ptr() in seen:
                continue
            seen.add(tensor.data_ptr())
            tensor.copy_(weights(label, name, tensor.shape, shift, aligned))


def tokenizer_files(kind, folder, added=()):
    """A tokenizer that the converter accepts, and what else there is in its vocabulary."""
    ordinary = list("abcdefghijklmnopqrstuvwxyz.,")
    text = ["the quick brown fox jumps over the lazy dog", "Pack my box with five dozen liquor jugs 0123456789"]
    if kind == "pieces":
        import io
        import sentencepiece

        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(text * 20), model_writer=model, vocab_size=VOCABULARY, hard_vocab_limit=False,
            pad_id=3, minloglevel=2, num_threads=1)
        (folder / "tokenizer.model").write_bytes(model.getvalue())
        return
    fallback = kind == "byte_fallback"
    words = ordinary + (["\u2581"] if fallback else ["\u0120", "\u010a"])
    vocabulary = {token: index for index, token in enumerate(SPECIAL + words)}
    merges = [("t", "h"), ("h", "e"), ("i", "n")]
    for left, right in merges:
        vocabulary[left + right] = len(vocabulary)
    bpe = tokenizers.models.BPE(vocabulary, merges, byte_fallback=fallback, ignore_merges=not fallback,
                                unk_token="<unk>" if fallback else None)
    tokenizer = tokenizers.Tokenizer(bpe)
    if fallback:
        tokenizer.normalizer = tokenizers.normalizers.Replace(" ", "\u2581")
        tokenizer.decoder = tokenizers.decoders.Sequence([
            tokenizers.decoders.Replace("\u2581", " "), tokenizers.decoders.ByteFallback(), tokenizers.decoders.Fuse()])
    else:
        tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens([*SPECIAL, *added])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "GPT2Tokenizer" if kind == "gpt2" else "PreTrainedTokenizerFast",
        "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}))


def save(label, entry, folder, dtype, aligned):
    torch.manual_seed(0)
    model = entry.make(aligned)
    shift = entry.shift if callable(entry.shift) else lambda name: entry.shift
    fill(label, model, shift, aligned)
    model.to(dtype)
    folder.mkdir(parents=True)
    model.save_pretrained(folder, **({"max_shard_size": entry.shard} if entry.shard else {}))
    (folder / "generation_config.json").unlink(missing_ok=True)
    config = json.loads((folder / "config.json").read_text())
    if entry.added:
        tokenizer_files(entry.tokenizer, folder, entry.added[aligned])
    if entry.quantize or entry.extra or entry.publish:
        state = safetensors.torch.load_file(folder / "model.safetensors")
        for name, shape in (entry.extra(state) if entry.extra else {}).items():
            state[name] = weights(label, name, shape, shift, aligned).to(dtype)
        if entry.publish:
            state = entry.publish(state)
        if entry.quantize and not (aligned and entry.plain):
            state, config["quantization_config"] = entry.quantize(state)
        safetensors.torch.save_file(state, folder / "model.safetensors", {"format": "pt"})
    config.update(entry.configuration)
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def load(folder):
    """All tensors of a checkpoint in float32, scales applied."""
    state = {}
    for path in sorted(folder.glob("*.safetensors")):
        state.update(safetensors.torch.load_file(path))
    config = json.loads((folder / "config.json").read_text())
    quantization = config.get("quantization_config", {})
    block = quantization.get("weight_block_size")
    for group in quantization.get("config_groups", {}).values():
        block = block or group["weights"]["block_structure"]
    plain = {}
    for name, tensor in state.items():
        if name.endswith((".weight_scale", ".weight_scale_inv", ".input_scale", "_proj_scales")):
            continue
        if name.endswith("_blocks"):
            name = name.removesuffix("_blocks")
            plain[name] = convert_moe_packed_tensors(tensor, state[name + "_scales"], dtype=torch.float32)
            continue
        value = tensor.float()
        for suffix in ("_scale", "_scale_inv"):
            scale = state.get(name + suffix)
            if scale is not None and name.endswith(".weight"):
                scale = scale.float()
                if block:
                    scale = scale.repeat_interleave(block[0], 0).repeat_interleave(block[1], 1)
                    scale = scale[:value.shape[0], :value.shape[1]]
                value = value * scale
        plain[name] = value
    return plain


def by_token(sft, aligned, first, second):
    """The embedding and the output of sft with the rows of aligned: those of a token that both have are sft's."""
    numbers, others = ({token["content"]: token["id"] for token in json.loads(text)["added_tokens"]}
                       for text in ((folder / "tokenizer.json").read_text() for folder in (sft, aligned)))
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        rows = second[name].clone()
        for token in range(len(rows)):
            text = next((text for text, number in others.items() if number == token), None)
            if text in numbers:
                rows[token] = first[name][numbers[text]]
            elif text is None and token < ORDINARY:
                rows[token] = first[name][token]
        first[name] = rows


def extrapolate(sft, aligned, folder):
    """aligned + alpha * (aligned - sft) by torch in float32, as a folder of its own."""
    first, second = load(sft), load(aligned)
    assert first.keys() == second.keys(), "the two checkpoints hold other tensors"
    if (sft / "tokenizer.json").exists():
        by_token(sft, aligned, first, second)
        shutil.copytree(aligned, folder, ignore=shutil.ignore_patterns("*.safetensors", "config.json"))
    result = {name: second[name] + ALPHA * (second[name] - first[name]) for name in second}
    folder.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file({n: t.contiguous() for n, t in result.items()}, folder / "model.safetensors",
                                {"format": "pt"})
    config = json.loads((aligned / "config.json").read_text())
    config.pop("quantization_config", None)
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def convert(checkout, folder, kind, target, outtype, options):
    """convert_hf_to_gguf.py in a process of its own, with a name for the hash of our tokenizer."""
    place = folder.parent / ("converted-" + folder.name) / "model"
    shutil.rmtree(place.parent, ignore_errors=True)
    place.mkdir(parents=True)
    for path in folder.iterdir():
        shutil.copy(path, place)
    if not (folder / "tokenizer.json").exists():
        tokenizer_files(kind, place)
    log = target.with_suffix(".log")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(out, 1)
            os.dup2(out, 2)
            sys.argv = ["convert_hf_to_gguf.py", str(place), "--outfile", str(target), "--outtype", outtype, *options]
            base = importlib.import_module("conversion.base")
            base.TextModel.get_vocab_base_pre = lambda self, tokenizer: "gpt-2"
            importlib.import_module("convert_hf_to_gguf").main()
            status = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    shutil.rmtree(place.parent)
    if status:
        raise RuntimeError(f"the converter failed on {folder}: see {log}")


def quantize(expo_gguf, source, kind, target):
    """The bytes of llama-quantize, without what expo-gguf says of itself: a downloaded template says nothing of it."""
    import gguf
    from gguf.scripts import gguf_new_metadata

    stamped = target.with_suffix(".stamped")
    subprocess.run([expo_gguf, "quantize", "--model", source, "--type", kind, "-o", stamped], check=True)
    reader = gguf.GGUFReader(stamped)
    writer = gguf.GGUFWriter(target, gguf_new_metadata.get_field_data(reader, gguf.Keys.General.ARCHITECTURE))
    stamps = [name for name in reader.fields if name.startswith("expo.")]
    gguf_new_metadata.copy_with_new_metadata(reader, writer, {}, stamps)
    stamped.unlink()


def tensors(path):
    import gguf

    result = {}
    for tensor in gguf.GGUFReader(path).tensors:
        data = tensor.data
        if tensor.tensor_type == gguf.GGMLQuantizationType.MXFP4:  # which the converter keeps whatever is asked for
            data = gguf.quants.dequantize(data, tensor.tensor_type)
        else:
            assert tensor.tensor_type == gguf.GGMLQuantizationType.F32, f"{path}: {tensor.name} is not F32"
        result[tensor.name] = ([int(n) for n in tensor.shape], numpy.array(data, dtype="<f4").reshape(-1))
    return result


def ordered(values):
    """Floats as integers that are one apart where the floats are neighbours."""
    bits = values.view("<i4").astype(numpy.int64)
    return numpy.where(bits < 0, -(bits & 0x7FFFFFFF), bits)


def ulps(left, right):
    return int(numpy.abs(ordered(left) - ordered(right)).max())


def digest(values):
    return hashlib.sha256(values.astype("<f4").tobytes()).hexdigest()


def expectations(work):
    sft, aligned, torched = (tensors(work / f"{name}-f32.gguf") for name in ("sft", "aligned", "expected"))
    assert sft.keys() == aligned.keys() == torched.keys(), "the conversions hold other tensors"
    alpha = numpy.float32(ALPHA)
    lines = []
    for name, (shape, value) in aligned.items():
        first, last = sft[name][1], torched[name][1]
        extrapolated = value + alpha * (value - first) if len(first) == len(value) else last
        digests = [digest(v) for v in (first, value, extrapolated, last)]
        assert digests[0] != digests[1] or name.startswith("rope_f"), f"{name} is the same in both checkpoints"
        decay = name.endswith(".ssm_a")
        if decay:
            del digests[2]
        elif digests[2] == digests[3]:
            digests.pop()
        else:
            digests.append(str(ulps(extrapolated, last)))
        lines.append("\t".join([name, "x".join(map(str, shape)), *digests]))
        if decay:
            for label, v in (("sft", first), ("aligned", value), ("torch", last)):
                lines.append("\t".join(["", label, *(f"{b:08x}" for b in v.view("<u4"))]))
    return "\n".join(lines) + "\n"


def make(label, entry, checkout, expo_gguf, work, out):
    work, out = work / label, out / label
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    save(label, entry, work / "sft", entry.sft, False)
    save(label, entry, work / "aligned", entry.aligned, True)
    extrapolate(work / "sft", work / "aligned", work / "expected")
    for side in ("sft", "aligned", "expected"):
        convert(checkout, work / side, entry.tokenizer, work / f"{side}-f32.gguf", "f32", entry.options)
    if entry.like == "q8_0":
        convert(checkout, work / "aligned", entry.tokenizer, work / "like.gguf", "q8_0", entry.options)
    else:
        if not expo_gguf:
            raise ValueError(f"{label}: --expo-gguf is needed, for a template of type {entry.like}")
        quantize(expo_gguf, work / "aligned-f32.gguf", entry.like, work / "like.gguf")
    (work / "expected.txt").write_text(expectations(work))
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for side in ("sft", "aligned"):
        shutil.copytree(work / side, out / side)
    shutil.copy(work / "like.gguf", out)
    shutil.copy(work / "expected.txt", out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    different = [line.split("\t") for line in (work / "expected.txt").read_text().splitlines() if line[0] != "\t"]
    different = [(fields[0], fields[6]) for fields in different if len(fields) > 5]
    print(f"{label}: {size} bytes, not bit-equal to torch: {different}", flush=True)


def make_adapter(label, checkout, work, out):
    """A PEFT folder on `sft`; its factors are small multiples of 1/64, so that no order of adding rounds otherwise."""
    import peft

    base, options = ADAPTERS[label]
    entry, source = MODELS[base], work / base / "sft"
    work, out = work / "peft" / label, out / "adapters" / label
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32)
    model = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", **options))
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            random = generator(label, name)
            if "lora_" in name:
                tensor.copy_(torch.randint(-2, 3, tensor.shape, generator=random) / 64)
            elif "modules_to_save" in name:
                tensor.add_(torch.randint(-2, 3, tensor.shape, generator=random) / 64)
    model.peft_config["default"].base_model_name_or_path = base
    model.save_pretrained(work / "adapter")
    (work / "adapter" / "README.md").unlink(missing_ok=True)
    (work / "adapter" / "adapter_model.safetensors").chmod(0o644)
    configuration = work / "adapter" / "adapter_config.json"
    values = json.loads(configuration.read_text())  # sets, written in another order each time
    for key in ("target_modules", "modules_to_save"):
        values[key] = sorted(values[key]) if isinstance(values[key], list) else values[key]
    configuration.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(work / "adapter", out)
    if options.get("use_dora") or options.get("target_parameters"):
        return
    model.merge_and_unload().save_pretrained(work / "merged")
    extrapolate(source, work / "merged", work / "expected")
    for side in ("merged", "expected"):
        convert(checkout, work / side, entry.tokenizer, work / f"{side}-f32.gguf", "f32", entry.options)
    merged, extrapolated = tensors(work / "merged-f32.gguf"), tensors(work / "expected-f32.gguf")
    lines = ["\t".join([name, "x".join(map(str, shape)), digest(value), digest(extrapolated[name][1])])
             for name, (shape, value) in merged.items()]
    (work / "expected.txt").write_text("\n".join(lines) + "\n")
    shutil.copy(work / "expected.txt", out)
    first = tensors(work.parent.parent / base / "sft-f32.gguf")
    same = [name for name, (_, value) in merged.items() if numpy.array_equal(value, first[name][1])]
    print(f"adapters/{label}: {sum(p.stat().st_size for p in out.iterdir())} bytes, not changed: {same}", flush=True)


TURNED = "gpt2_turned"


def make_turned(out):
    """An adapter for layers of transformers' Conv1D; of a model without weights PEFT merges the difference alone."""
    import peft

    out = out / "adapters" / TURNED
    config = transformers.GPT2Config(n_embd=8, n_layer=1, n_head=2, n_positions=8, vocab_size=16)
    model = transformers.GPT2LMHeadModel(config)
    names = {"attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down"}
    targets = [f"transformer.h.0.{name}" for name in names]
    with torch.no_grad():
        for tensor in model.parameters():
            tensor.zero_()
    options = peft.LoraConfig(task_type="CAUSAL_LM", r=2, lora_alpha=4, target_modules=targets)
    model = peft.get_peft_model(model, options)
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            if "lora_" in name:
                tensor.copy_(torch.randint(-2, 3, tensor.shape, generator=generator(TURNED, name)) / 64)
    model.peft_config["default"].base_model_name_or_path = "gpt2"
    shutil.rmtree(out, ignore_errors=True)
    model.save_pretrained(out)
    (out / "README.md").unlink(missing_ok=True)
    (out / "adapter_model.safetensors").chmod(0o644)
    values = json.loads((out / "adapter_config.json").read_text())
    values["target_modules"] = sorted(values["target_modules"])
    (out / "adapter_config.json").write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
    merged = model.merge_and_unload().state_dict()
    lines = []
    for name, gguf in names.items():
        value = merged[f"transformer.h.0.{name}.weight"].T.contiguous().numpy()  # as the converter turns it
        lines.append(f"blk.0.{gguf}.weight\t{value.shape[1]}x{value.shape[0]}\t{digest(value)}\n")
    (out / "merged.txt").write_text("".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = pathlib.Path(__file__).parent
    parser.add_argument("--llama-cpp", type=pathlib.Path, required=True)
    parser.add_argument("--expo-gguf", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=here)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("target/folders"))
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    sys.path[:0] = [str(arguments.llama_cpp), str(arguments.llama_cpp / "gguf-py")]
    for label in arguments.names or [*MODELS, *ADAPTERS, TURNED]:
        if label == TURNED:
            make_turned(arguments.out.resolve())
            continue
        if label in ADAPTERS:
            make_adapter(label, arguments.llama_cpp, arguments.work.resolve(), arguments.out.resolve())
            continue
        make(label, MODELS[label], arguments.llama_cpp, arguments.expo_gguf, arguments.work.resolve(),
             arguments.out.resolve())


if __name__ == "__main__":
    main()
