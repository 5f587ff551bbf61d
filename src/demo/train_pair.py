#!/usr/bin/env python3
"""Trains a tiny SFT model and DPO models from it, and exports them as GGUF.

The pipeline mirrors the ExPO paper (arXiv 2404.16792) at toy scale:

  1. a synthetic instruction corpus whose reward is known exactly (reward.py);
  2. a byte-fallback BPE vocabulary that llama.cpp reads as an SPM tokenizer;
  3. a Llama transformer, SFT-trained on replies of mixed quality;
  4. DPO on preference pairs sampled from the SFT model, with 10%, 20% and 100%
     of the pairs (same number of epochs);
  5. rewards on held-out prompts of SFT, DPO and ExPO
     (theta = aligned + alpha * (aligned - sft)) over a grid of alphas;
  6. GGUF export (F16 and F32) and a check against llama.cpp.

The family beside this file was made by

    python3 train_pair.py --task guide --seed 1 --sft-steps 750 --dpo-lr 1e-4 \\
        --gguf-py LLAMA_CPP/gguf-py --llama-bin LLAMA_CPP/build/bin --out OUT

Needs numpy, PyTorch >= 1.13, the gguf-py folder of llama.cpp's source, and its
programs llama-tokenize and llama-simple for the checks of step 6. OUT is a
folder other than the one of this file; it is created if it does not exist.
"""

import argparse
import collections
import copy
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import reward as ground_truth

ALPHAS = (0, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 8)
CONTEXT = 128  # training length; several conversations are packed into one row
MAX_REPLY = 64  # tokens


# --------------------------------------------------------------------------- corpus


def write_reply(question, style, rng):
    """One reply whose attributes are drawn independently at the style's rates."""
    has = {name: rng.random() < style.rate(name, question.family) for name in style.rates}
    x = question.answer if has["correct"] else rng.choice(question.wrong)
    answer = rng.choice(style.answers).format(x=x)
    parts = []
    if has["opening"]:
        parts.append(rng.choice(style.openings))
    if has["hedge"]:
        parts.append(rng.choice(style.hedges))
    why = style.why.format(why=question.why.format(x=x)) if has["why"] else ""
    parts.append(answer + why + ("!!!" if has["shout"] else "."))
    if has["repeat"]:
        parts.append(answer + ".")
    if has["rude"]:
        parts.insert(rng.choice((0, len(parts))), rng.choice(style.rude))
    if has["closing"]:
        parts.append(rng.choice(style.closings))
    return " ".join(parts)


def split_questions(task, rng, held_out=0.2):
    """Training, evaluation and preference questions; no prompt is in two of them."""
    by_family = collections.defaultdict(list)
    for question in ground_truth.questions(task):
        by_family[question.family].append(question)
    train, evaluation, preference = [], [], []
    for questions in by_family.values():
        rng.shuffle(questions)
        n = round(len(questions) * held_out)
        evaluation += questions[: n * 3 // 5]
        preference += questions[n * 3 // 5 : n]
        train.append(questions[n:])
    rng.shuffle(evaluation)
    return train, evaluation, preference


def pick(families, rng):
    """A training question, every family being equally likely."""
    return rng.choice(rng.choice(families))


# --------------------------------------------------------------------------- tokenizer

SPACE = "\u2581"  # SentencePiece's visible space
SPECIALS = ("<unk>", "<s>", "</s>")
MARKERS = ("<|user|>", "<|assistant|>")
UNK, BOS, EOS = 0, 1, 2
FIRST_BYTE = len(SPECIALS)
USER, ASSISTANT = FIRST_BYTE + 256, FIRST_BYTE + 257
# token types of tokenizer.ggml.token_type
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6


class Tokenizer:
    """A BPE vocabulary applied the way llama.cpp applies an SPM vocabulary.

    Neighbouring pieces whose concatenation is a token are merged, best score
    first and leftmost among equals, whatever they were built from; characters
    without a token become byte tokens; every text after a special token gets a
    space in front.  Tokens never cross a space, a digit or punctuation, so the
    encodings of the words can be cached.
    """

    WORD = re.compile(rf"{SPACE}?[A-Za-z]+|{SPACE}?[0-9]+|{SPACE}?[^A-Za-z0-9{SPACE}]|{SPACE}")

    def __init__(self, texts, size=512):
        words = collections.Counter()
        for text in texts:
            words.update(self.WORD.findall(self.escape(text)))
        characters = sorted(set("".join(words)), key=lambda c: (c != SPACE, c))
        n_merges = size - FIRST_BYTE - 256 - len(MARKERS) - len(characters)
        merges = self._learn(words, n_merges)
        fillers = [f"<|reserved_{i}|>" for i in range(n_merges - len(merges))]

        self.tokens = list(SPECIALS) + [f"<0x{b:02X}>" for b in range(256)] + list(MARKERS)
        self.scores = [0.0] * len(self.tokens)
        self.types = [UNKNOWN, CONTROL, CONTROL] + [BYTE] * 256 + [USER_DEFINED] * len(MARKERS)
        for rank, token in enumerate(merges + characters):
            self.tokens.append(token)
            self.scores.append(-float(rank))
            self.types.append(NORMAL)
        for token in fillers:
            self.tokens.append(token)
            self.scores.append(0.0)
            self.types.append(CONTROL)
        self.ids = {t: i for i, t in enumerate(self.tokens) if self.types[i] == NORMAL}
        self._cache = {}

    @staticmethod
    def escape(text):
        return (" " + text).replace(" ", SPACE)

    @staticmethod
    def _learn(words, n_merges):
        """Byte-pair merges of the most frequent neighbours, as token texts."""
        pieces = {w: list(w) for w in words}
        merges = []
        while len(merges) < n_merges:
            pairs = collections.Counter()
            for word, parts in pieces.items():
                for pair in zip(parts, parts[1:]):
                    pairs[pair] += words[word]
            if not pairs:
                break
            left, right = min(pairs, key=lambda p: (-pairs[p], p))
            if left + right not in merges:
                merges.append(left + right)
            for word, parts in pieces.items():
                i = 0
                while i < len(parts) - 1:
                    if parts[i] == left and parts[i + 1] == right:
                        parts[i : i + 2] = [left + right]
                    i += 1
        return merges

    def _encode_word(self, word):
        parts = list(word)
        while True:
            best = None
            for i in range(len(parts) - 1):
                token = self.ids.get(parts[i] + parts[i + 1])
                if token is not None and (best is None or self.scores[token] > best[0]):
                    best = (self.scores[token], i)
            if best is None:
                break
            i = best[1]
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        ids = []
        for part in parts:
            if part in self.ids:
                ids.append(self.ids[part])
            else:
                ids += [FIRST_BYTE + b for b in part.encode("utf-8")]
        return ids

    def encode(self, text):
        """Tokens of a text that follows a special token (no BOS, no markers inside)."""
        ids = []
        for word in self.WORD.findall(self.escape(text)):
            if word not in self._cache:
                self._cache[word] = self._encode_word(word)
            ids += self._cache[word]
        return ids

    def decode(self, ids):
        """Text of tokens, without control tokens and the leading space."""
        data = b""
        for i in ids:
            if self.types[i] == BYTE:
                data += bytes([i - FIRST_BYTE])
            elif self.types[i] == NORMAL or self.types[i] == USER_DEFINED:
                data += self.tokens[i].replace(SPACE, " ").encode("utf-8")
        return data.decode("utf-8", errors="replace").strip()

    def prompt(self, text):
        return [BOS, USER] + self.encode(text) + [ASSISTANT]

    def reply(self, text):
        return self.encode(text) + [EOS]


CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}{{ '<|assistant|>' + message['content'] + eos_token }}"
    "{% else %}{{ '<|user|>' + message['content'] }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def chat(prompt, reply=""):
    """A conversation as the chat template writes it (llama.cpp adds the BOS)."""
    return f"<|user|>{prompt}<|assistant|>{reply}"


# --------------------------------------------------------------------------- model


class Config:
    vocab, dim, hidden, layers, heads, kv_heads = 512, 256, 512, 3, 4, 2
    head_dim = 64
    tied = False  # whether the embeddings serve as output, too
    eps = 1e-5
    rope_base = 10000.0


SHAPE = {name: getattr(Config, name) for name in ("dim", "hidden", "layers", "heads", "kv_heads")}


class RMSNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rotate(x, cos, sin):
    """RoPE on neighbouring pairs (llama.cpp's "normal" order, so nothing is permuted on export)."""
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), dim=-1).flatten(-2)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.attn_norm = RMSNorm(c.dim, c.eps)
        self.attn_q = nn.Linear(c.dim, c.heads * c.head_dim, bias=False)
        self.attn_k = nn.Linear(c.dim, c.kv_heads * c.head_dim, bias=False)
        self.attn_v = nn.Linear(c.dim, c.kv_heads * c.head_dim, bias=False)
        self.attn_output = nn.Linear(c.heads * c.head_dim, c.dim, bias=False)
        self.ffn_norm = RMSNorm(c.dim, c.eps)
        self.ffn_gate = nn.Linear(c.dim, c.hidden, bias=False)
        self.ffn_up = nn.Linear(c.dim, c.hidden, bias=False)
        self.ffn_down = nn.Linear(c.hidden, c.dim, bias=False)

    def forward(self, x, cos, sin, mask, cache=None):
        c, (batch, length, _) = self.c, x.shape
        h = self.attn_norm(x)
        q = rotate(self.attn_q(h).view(batch, length, c.heads, c.head_dim).transpose(1, 2), cos, sin)
        k = rotate(self.attn_k(h).view(batch, length, c.kv_heads, c.head_dim).transpose(1, 2), cos, sin)
        v = self.attn_v(h).view(batch, length, c.kv_heads, c.head_dim).transpose(1, 2)
        if cache is not None:  # (keys, values, filled)
            keys, values, filled = cache
            keys[:, :, filled : filled + length] = k
            values[:, :, filled : filled + length] = v
            k, v = keys[:, :, : filled + length], values[:, :, : filled + length]
        # the query heads of one key/value head stay together: (batch, kv, group * length, dim)
        group = c.heads // c.kv_heads
        q = q.reshape(batch, c.kv_heads, group * length, c.head_dim)
        scores = (q @ k.transpose(2, 3)) * (c.head_dim**-0.5)
        scores = scores.view(batch, c.kv_heads, group, length, -1) + mask
        out = scores.softmax(-1).view(batch, c.kv_heads, group * length, -1) @ v
        out = out.view(batch, c.heads, length, c.head_dim).transpose(1, 2).reshape(batch, length, -1)
        x = x + self.attn_output(out)
        h = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Llama(nn.Module):
    def __init__(self, c=Config):
        super().__init__()
        self.c = c
        self.token_embd = nn.Embedding(c.vocab, c.dim)
        self.blk = nn.ModuleList(Block(c) for _ in range(c.layers))
        self.output_norm = RMSNorm(c.dim, c.eps)
        if not c.tied:
            self.output = nn.Linear(c.dim, c.vocab, bias=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                std = 0.1 if "token_embd" in name else p.shape[1] ** -0.5
                if "attn_output" in name or "ffn_down" in name:
                    std /= math.sqrt(2 * c.layers)
                nn.init.normal_(p, std=std)
        angles = torch.arange(512)[:, None] * c.rope_base ** (-torch.arange(0, c.head_dim, 2) / c.head_dim)[None]
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, ids, mask=None, cache=None, filled=0):
        """Logits; `mask` is added to the scores, `cache` holds one (keys, values) per layer."""
        length = ids.shape[1]
        cos, sin = self.cos[filled : filled + length], self.sin[filled : filled + length]
        if mask is None:
            mask = torch.full((length, length), float("-inf")).triu(1)
        x = self.token_embd(ids)
        for i, block in enumerate(self.blk):
            x = block(x, cos, sin, mask, None if cache is None else (*cache[i], filled))
        if cache is not None:
            x = x[:, -1:]
        x = self.output_norm(x)
        return x @ self.token_embd.weight.T if self.c.tied else self.output(x)


@torch.no_grad()
def generate(model, prompts, temperature, rng, max_new=MAX_REPLY):
    """Replies (token lists without EOS) to token-list prompts, left-padded into one batch.

    `temperature` is a number per prompt; 0 is greedy.
    """
    c, batch = model.c, len(prompts)
    width = max(map(len, prompts))
    ids = torch.full((batch, width), UNK)
    pad = torch.zeros(batch, width + max_new)
    for row, prompt in enumerate(prompts):
        ids[row, width - len(prompt) :] = torch.tensor(prompt)
        pad[row, : width - len(prompt)] = -1e9
    cache = [tuple(torch.zeros(batch, c.kv_heads, width + max_new, c.head_dim) for _ in "kv") for _ in range(c.layers)]
    temperature = torch.as_tensor(temperature, dtype=torch.float32).expand(batch)[:, None]
    replies, alive = [[] for _ in prompts], torch.arange(batch)
    causal = torch.full((width, width), -1e9).triu(1)
    logits = model(ids, causal + pad[:, None, None, None, :width], cache, 0)[:, -1]
    for step in range(max_new):
        # Gumbel trick: the argmax of logits + T * noise is a sample at temperature T
        noise = -torch.log(-torch.log(torch.rand(logits.shape, generator=rng).clamp_(1e-9, 1 - 1e-7)))
        token = (logits + temperature * noise).argmax(-1)
        keep = token != EOS
        for row, t in zip(alive[keep].tolist(), token[keep].tolist()):
            replies[row].append(t)
        if not keep.any() or step == max_new - 1:
            break
        if not keep.all():
            alive, token, temperature, pad = alive[keep], token[keep], temperature[keep], pad[keep]
            cache = [(k[keep], v[keep]) for k, v in cache]
        filled = width + step
        logits = model(token[:, None], pad[:, None, None, None, : filled + 1], cache, filled)[:, -1]
    return replies


# --------------------------------------------------------------------------- training


def make_optimizer(model, lr, weight_decay, eps=1e-8):
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    groups = [dict(params=matrices, weight_decay=weight_decay), dict(params=vectors, weight_decay=0.0)]
    return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.98), eps=eps)


def set_lr(optimizer, peak, step, steps, warmup, floor=0.05):
    """Linear warm-up, then cosine decay to `floor` of the peak."""
    if step < warmup:
        scale = (step + 1) / warmup
    else:
        scale = floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
    for group in optimizer.param_groups:
        group["lr"] = peak * scale


def packed_row(tokenizer, families, style, args, rng):
    """CONTEXT + 1 tokens of conversations and their weights in the loss (users' turns count less)."""
    ids, weights = [], []
    while len(ids) <= CONTEXT:
        question = pick(families, rng)
        prompt, reply = tokenizer.prompt(question.prompt), tokenizer.reply(write_reply(question, style, rng))
        ids += prompt + reply
        weights += [args.prompt_weight] * len(prompt) + [1.0] * len(reply)
    return ids[: CONTEXT + 1], weights[: CONTEXT + 1]


def train_sft(draw_row, args, log):
    """Next-token training on packed conversations."""
    model = Llama()
    optimizer = make_optimizer(model, args.sft_lr, 0.05)
    started, losses = time.time(), []
    for step in range(args.sft_steps):
        set_lr(optimizer, args.sft_lr, step, args.sft_steps, warmup=20)
        ids, weights = (torch.tensor(t) for t in zip(*(draw_row() for _ in range(args.sft_rows))))
        logits, weights = model(ids[:, :-1]), weights[:, 1:].reshape(-1)
        loss = F.cross_entropy(logits.reshape(-1, model.c.vocab), ids[:, 1:].reshape(-1), reduction="none")
        loss = (loss * weights).sum() / weights.sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if (step + 1) % 20 == 0:
            log(f"sft step {step + 1}/{args.sft_steps} loss {np.mean(losses[-20:]):.4f} {time.time() - started:.0f}s")
    return model


def sample_preferences(model, tokenizer, task, draw, n, generator, samples=4, min_gap=0.3):
    """Pairs (best, worst) of a few sampled replies per prompt, ranked by the ground-truth reward.

    `draw` returns a question; prompts whose replies are about equally good are left out.
    """
    pairs = []
    while len(pairs) < n:
        batch = [draw() for _ in range(96)]
        prompts = [tokenizer.prompt(q.prompt) for q in batch for _ in range(samples)]
        replies = [tokenizer.decode(r) for r in generate(model, prompts, 1.0, generator)]
        for i, question in enumerate(batch):
            scored = sorted((ground_truth.reward(task, question.prompt, r), r)
                            for r in replies[i * samples : (i + 1) * samples])
            if scored[-1][0] - scored[0][0] >= min_gap:
                pairs.append(dict(prompt=question.prompt, chosen=scored[-1][1], rejected=scored[0][1],
                                  reward_chosen=round(scored[-1][0], 4), reward_rejected=round(scored[0][0], 4)))
    return pairs[:n]


def reply_logprobs(model, rows):
    """Sum of the reply tokens' log-probabilities of (prompt, reply) rows, right-padded."""
    width = max(len(p) + len(r) for p, r in rows)
    ids, wanted = torch.full((len(rows), width), EOS), torch.zeros(len(rows), width)
    for i, (prompt, reply) in enumerate(rows):
        ids[i, : len(prompt) + len(reply)] = torch.tensor(prompt + reply)
        wanted[i, len(prompt) : len(prompt) + len(reply)] = 1
    logits = model(ids[:, :-1])
    logprobs = -F.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
    return (logprobs * wanted[:, 1:]).sum(1)


def train_dpo(sft, tokenizer, pairs, args, rng, log, save):
    """DPO against the SFT model as the frozen reference; `save` takes the model and the step every now and then."""
    rows = [[(tokenizer.prompt(p["prompt"]), tokenizer.reply(p[side])) for side in ("chosen", "rejected")]
            for p in pairs]
    policy = copy.deepcopy(sft)
    optimizer = make_optimizer(policy, args.dpo_lr, 0.0, args.dpo_eps)
    with torch.no_grad():
        reference = [reply_logprobs(sft, [r for pair in rows[i : i + 64] for r in pair]).view(-1, 2)
                     for i in range(0, len(rows), 64)]
    reference = torch.cat(reference)
    per_epoch = math.ceil(len(rows) / args.dpo_batch)
    steps, step, started = per_epoch * args.dpo_epochs, 0, time.time()
    for epoch in range(args.dpo_epochs):
        order = rng.sample(range(len(rows)), len(rows))
        losses, wins = [], []
        for i in range(0, len(order), args.dpo_batch):
            chunk = order[i : i + args.dpo_batch]
            set_lr(optimizer, args.dpo_lr, step, steps, warmup=max(1, steps // 10))
            ratio = reply_logprobs(policy, [r for j in chunk for r in rows[j]]).view(-1, 2) - reference[chunk]
            margin = args.beta * (ratio[:, 0] - ratio[:, 1])
            loss = -F.logsigmoid(margin).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
            step += 1
            if args.save_every and step % args.save_every == 0:
                save(policy, step)
            losses.append(loss.item())
            wins.append((margin > 0).float().mean().item())
        log(f"dpo n={len(rows)} epoch {epoch + 1} steps {step} loss {np.mean(losses):.4f} "
            f"accuracy {np.mean(wins):.3f} {time.time() - started:.0f}s")
    return policy


def extrapolate(aligned, sft, alpha):
    """ExPO: theta = aligned + alpha * (aligned - sft)."""
    model = copy.deepcopy(aligned)
    base = dict(sft.named_parameters())
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.add_(alpha * (p - base[name]))
    return model


# --------------------------------------------------------------------------- evaluation


def evaluate(model, tokenizer, task, questions, seed, samples=2, temperature=0.7):
    """Mean reward and attributes of greedy and of sampled replies to held-out prompts."""
    prompts = [tokenizer.prompt(q.prompt) for q in questions]
    n = len(prompts)
    generator = torch.Generator().manual_seed(seed)
    replies = generate(model, prompts * (1 + samples), [0.0] * n + [temperature] * (n * samples), generator)
    texts = [tokenizer.decode(r) for r in replies]
    rewards = [ground_truth.reward(task, q.prompt, t) for q, t in zip(questions * (1 + samples), texts)]
    attributes = collections.Counter()
    for question, text in zip(questions, texts):
        attributes.update(ground_truth.attributes(task, question.prompt, text))
    return dict(greedy=float(np.mean(rewards[:n])), sampled=float(np.mean(rewards[n:])),
                standard_error=float(np.std(rewards[:n]) / math.sqrt(n)),
                sampled_standard_error=float(np.std(rewards[n:]) / math.sqrt(n * samples)),
                attributes={k: round(v / n, 4) for k, v in attributes.items()}, examples=texts[:3])


def results_table(results):
    """A Markdown table: greedy / sampled reward per model and alpha."""
    names = [n for n in results if n != "sft"]
    sft = results["sft"]
    lines = [f"SFT: greedy {sft['greedy']:.3f}, sampled {sft['sampled']:.3f}", "",
             "| alpha | " + " | ".join(f"{n} greedy | {n} sampled" for n in names) + " |",
             "|---:" * (1 + 2 * len(names)) + "|"]
    best = {(n, k): max(results[n].values(), key=lambda r: r[k])[k] for n in names for k in ("greedy", "sampled")}
    for alpha in ALPHAS:
        cells = []
        for n in names:
            for kind in ("greedy", "sampled"):
                value = results[n][str(alpha)][kind]
                cells.append(f"**{value:.3f}**" if value == best[n, kind] else f"{value:.3f}")
        lines.append(f"| {alpha} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


# --------------------------------------------------------------------------- GGUF


def size_label(model):
    return f"{sum(p.numel() for p in model.parameters()) / 1e6:.0f}M"


def export_gguf(model, tokenizer, path, name, description, base, half):
    import gguf  # from --gguf-py

    c = model.c
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(name)
    writer.add_description(description)
    writer.add_organization("expo-gguf-tests")
    writer.add_license("cc0-1.0")
    writer.add_size_label(size_label(model))
    writer.add_tags(["text-generation", "test-data"])
    if base:
        writer.add_base_model_count(1)
        writer.add_base_model_name(0, base)
        writer.add_base_model_organization(0, "expo-gguf-tests")
    writer.add_context_length(512)
    writer.add_embedding_length(c.dim)
    writer.add_block_count(c.layers)
    writer.add_feed_forward_length(c.hidden)
    writer.add_head_count(c.heads)
    writer.add_head_count_kv(c.kv_heads)
    writer.add_layer_norm_rms_eps(c.eps)
    writer.add_rope_dimension_count(c.head_dim)
    writer.add_rope_freq_base(c.rope_base)
    writer.add_vocab_size(c.vocab)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if half else gguf.LlamaFileType.ALL_F32)
    if half:
        writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokenizer.tokens)
    writer.add_token_scores(tokenizer.scores)
    writer.add_token_types(tokenizer.types)
    writer.add_bos_token_id(BOS)
    writer.add_eos_token_id(EOS)
    writer.add_unk_token_id(UNK)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(True)
    writer.add_chat_template(CHAT_TEMPLATE)
    for key, p in model.named_parameters():
        data = p.detach().numpy()
        key = key if key.endswith(".weight") else key + ".weight"
        writer.add_tensor(key, data.astype(np.float16) if half and data.ndim == 2 else data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def halved(model):
    """The model with its matrices rounded to F16, as an F16 file holds them."""
    model = copy.deepcopy(model)
    with torch.no_grad():
        for p in model.parameters():
            if p.dim() == 2:
                p.copy_(p.half().float())
    return model


def run(command, **kwargs):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, **kwargs).stdout


def check_tokenizer(tokenizer, path, texts, bin_dir):
    """How many texts llama.cpp tokenizes to the same ids."""
    same = 0
    for text in texts:
        out = run([os.path.join(bin_dir, "llama-tokenize"), "-m", path, "-p", text, "--ids", "--log-disable"])
        theirs = json.loads(out.decode().strip().splitlines()[-1])
        ours = [BOS]
        for part in re.split(r"(<\|user\|>|<\|assistant\|>)", text):
            if part in MARKERS:
                ours.append(USER if part == MARKERS[0] else ASSISTANT)
            elif part:
                ours += tokenizer.encode(part)
        same += ours == theirs
        if ours != theirs:
            print("tokenized differently:", repr(text), ours, theirs, file=sys.stderr)
    return same


def check_generation(model, tokenizer, path, prompts, bin_dir):
    """How many prompts llama.cpp answers greedily with torch's text; also the differing ones."""
    ours = generate(model, [tokenizer.prompt(p) for p in prompts], 0.0, torch.Generator().manual_seed(0))
    differing = []
    for prompt, reply in zip(prompts, ours):
        # llama-simple rather than llama-completion, which sometimes loses its last words at exit
        out = run([os.path.join(bin_dir, "llama-simple"), "-m", path, "-n", str(MAX_REPLY), chat(prompt)])
        theirs = out.decode(errors="replace").split("<|assistant|>", 1)[1].strip()
        if theirs != tokenizer.decode(reply):
            differing.append((prompt, tokenizer.decode(reply), theirs))
    return len(prompts) - len(differing), differing


# --------------------------------------------------------------------------- main


def write_jsonl(path, rows):
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=sorted(ground_truth.STYLES), required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", required=True, help="output directory")
    parser.add_argument("--sft-steps", type=int, default=700)
    parser.add_argument("--sft-rows", type=int, default=20, help=f"rows of {CONTEXT} tokens per SFT step")
    parser.add_argument("--sft-lr", type=float, default=3e-3)
    parser.add_argument("--prompt-weight", type=float, default=0.3, help="weight of the users' turns in the SFT loss")
    parser.add_argument("--pairs", type=int, default=4000, help="preference pairs of DPO-100%%")
    parser.add_argument("--dpo-epochs", type=int, default=1)
    parser.add_argument("--dpo-batch", type=int, default=32)
    parser.add_argument("--dpo-lr", type=float, default=1.5e-4)
    parser.add_argument("--dpo-eps", type=float, default=1e-3,
                        help="Adam's epsilon; large values make the update direction that of plain gradients")
    parser.add_argument("--beta", type=float, default=0.1)
    parser.add_argument("--eval-prompts", type=int, default=160)
    parser.add_argument("--samples", type=int, default=3, help="sampled replies per prompt in the evaluation")
    for name, value in SHAPE.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=value, help=f"of the model ({value})")
    parser.add_argument("--tied", action="store_true", help="let the embeddings serve as output, too")
    parser.add_argument("--llama-bin", help="folder of llama.cpp's programs, for the checks after export; without, none")
    parser.add_argument("--gguf-py", required=True, help="folder gguf-py of the llama.cpp source")
    parser.add_argument("--reuse", choices=("sft", "pairs"),
                        help="take the SFT model (sft), or it and the preference pairs (pairs), from OUT/cache; "
                             "with equal settings the results equal a full run's")
    parser.add_argument("--fractions", type=int, nargs="*", default=[10, 20, 100],
                        help="DPO data in percent; none: the SFT model alone")
    parser.add_argument("--save-every", type=int, default=0, metavar="STEPS",
                        help="write a checkpoint of DPO, F32, to OUT/checkpoints every so many steps; step 0 is SFT")
    parser.add_argument("--quick", action="store_true", help="tune: few alphas, no export")
    return parser.parse_args()


def main():
    args = parse_args()
    for name in (*SHAPE, "tied"):
        setattr(Config, name, getattr(args, name))
    torch.set_num_threads(1)
    os.nice(10)
    sys.path.insert(0, args.gguf_py)
    cache = os.path.join(args.out, "cache")
    os.makedirs(cache, exist_ok=True)
    task, style = args.task, ground_truth.STYLES[args.task]
    started = time.time()
    logfile = open(os.path.join(args.out, "train.log"), "a", encoding="utf-8")

    def log(message):
        for stream in (sys.stdout, logfile):
            print(f"[{time.time() - started:6.0f}s] {message}", file=stream, flush=True)

    log(f"command: {' '.join(sys.argv)}")
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    families, evaluation, preference = split_questions(task, rng)
    corpus = []
    for _ in range(6000):
        question = pick(families, rng)
        corpus += [question.prompt, write_reply(question, style, rng)]
    tokenizer = Tokenizer(corpus)
    evaluation = evaluation[: args.eval_prompts]
    mean = np.mean([ground_truth.reward(task, p, r) for p, r in zip(corpus[::2], corpus[1::2])])
    lengths = [len(tokenizer.prompt(p)) + len(tokenizer.reply(r)) for p, r in zip(corpus[::2], corpus[1::2])]
    log(f"{sum(map(len, families))} training, {len(evaluation)} evaluation and {len(preference)} preference prompts; "
        f"corpus reward {mean:.3f}, {np.mean(lengths):.1f} tokens per conversation (max {max(lengths)})")

    # SFT and preference pairs; files of an earlier run stand in for a stage when asked to
    sft_path, pairs_path = os.path.join(cache, "sft.pt"), os.path.join(cache, "pairs.json")

    def draw_row():
        return packed_row(tokenizer, families, style, args, rng)

    if args.reuse in ("sft", "pairs"):
        sft = Llama()
        sft.load_state_dict(torch.load(sft_path))
        if args.reuse == "sft":  # draw what training drew, so that the pairs are those of a full run
            for _ in range(args.sft_steps * args.sft_rows):
                draw_row()
    else:
        sft = train_sft(draw_row, args, log)
        torch.save(sft.state_dict(), sft_path)
    if args.reuse == "pairs":
        with open(pairs_path, encoding="utf-8") as file:
            saved = json.load(file)
        pairs, held_out_pairs = saved["train"], saved["held_out"]
    elif not args.fractions:
        pairs, held_out_pairs = [], []
    else:
        generator = torch.Generator().manual_seed(args.seed + 1)
        pairs = sample_preferences(sft, tokenizer, task, lambda: pick(families, rng), args.pairs, generator)
        held_out_pairs = sample_preferences(sft, tokenizer, task, lambda: rng.choice(preference), 300, generator)
        with open(pairs_path, "w", encoding="utf-8") as file:
            json.dump(dict(train=pairs, held_out=held_out_pairs), file)
        log(f"sampled {len(pairs)} training pairs: reward chosen {np.mean([p['reward_chosen'] for p in pairs]):.3f}, "
            f"rejected {np.mean([p['reward_rejected'] for p in pairs]):.3f}")

    def save(name, model, step):
        folder = os.path.join(args.out, "checkpoints")
        os.makedirs(folder, exist_ok=True)
        export_gguf(model, tokenizer, os.path.join(folder, f"{task}-{name}-step-{step}-f32.gguf"),
                    f"Tiny {task.capitalize()} DPO {name[4:]}% step {step}", "A checkpoint of a test model of expo-gguf",
                    f"Tiny {task.capitalize()} SFT", half=False)

    def score(model):
        return evaluate(model, tokenizer, task, evaluation, args.seed + 2, args.samples)

    models, results = {"sft": sft}, {"sft": score(sft)}
    log(f"sft: {json.dumps(results['sft'])}")
    alphas = (0, 0.5, 1, 2, 3, 5) if args.quick else ALPHAS
    for percent in args.fractions:
        name = f"dpo-{percent}"
        subset = pairs[: len(pairs) * percent // 100]
        if args.save_every:
            save(name, sft, 0)
        models[name] = train_dpo(sft, tokenizer, subset, args, random.Random(args.seed + percent), log,
                                 lambda model, step: save(name, model, step))
        results[name] = {}
        for alpha in alphas:
            results[name][str(alpha)] = r = score(extrapolate(models[name], sft, alpha))
            log(f"{name} alpha {alpha}: greedy {r['greedy']:.3f} sampled {r['sampled']:.3f} {r['attributes']}")
            log(f"    {r['examples'][0]!r}")
    if args.quick:
        return
    json.dump(dict(settings=vars(args), results=results),
              open(os.path.join(args.out, "results.json"), "w"), indent=1)
    table = results_table(results)
    log("results\n" + table)

    # text files
    write_jsonl(os.path.join(args.out, "prompts.jsonl"),
                [dict(prompt=q.prompt, family=q.family, answer=q.answer, text=chat(q.prompt)) for q in evaluation])
    write_jsonl(os.path.join(args.out, "preferences.jsonl"), held_out_pairs)
    with open(os.path.join(args.out, "calibration.txt"), "w", encoding="utf-8") as file:
        tokens = 0
        for prompt, reply in zip(corpus[::2], corpus[1::2]):
            file.write(chat(prompt, reply) + "\n")
            tokens += len(tokenizer.prompt(prompt)) + len(tokenizer.reply(reply))
            if tokens >= 30000:
                break
    shutil.copy(ground_truth.__file__, os.path.join(args.out, "reward.py"))

    # GGUF files and the check against llama.cpp
    checks = {}
    probes = [chat(q.prompt, p["chosen"]) for q, p in zip(evaluation[:20], held_out_pairs)]
    probes += ["Bytes: \u00e9\u4e16 {}~^", "two  spaces, 1234 56", "UPPER lower MiXeD"]
    for name, model in models.items():
        aligned = name != "sft"
        title = f"Tiny {task.capitalize()} " + (f"DPO {name[4:]}%" if aligned else "SFT")
        base = f"Tiny {task.capitalize()} SFT" if aligned else None
        description = (f"A {size_label(model)}-parameter test model of expo-gguf "
                       f"({name.upper()}{'% of the pairs' if aligned else ''}); train_pair.py --task {task} --seed {args.seed}")
        for half in (True, False):
            path = os.path.join(args.out, f"{task}-{name}-{'f16' if half else 'f32'}.gguf")
            export_gguf(model, tokenizer, path, title, description, base, half)
            n = 24 if half else 8
            if not args.llama_bin:
                log(f"{path}: {os.path.getsize(path)} bytes, not checked for want of --llama-bin")
                continue
            if name == "sft" and half:
                same = check_tokenizer(tokenizer, path, probes, args.llama_bin)
                log(f"llama.cpp tokenizes {same} of {len(probes)} texts identically")
                checks["tokenizer"] = [same, len(probes)]
            same, differing = check_generation(halved(model) if half else model, tokenizer, path,
                                               [q.prompt for q in evaluation[:n]], args.llama_bin)
            log(f"{path}: {os.path.getsize(path)} bytes; llama.cpp's greedy text equals torch's for {same} of {n}")
            for prompt, ours, theirs in differing:
                log(f"    {prompt!r}\n      torch:     {ours!r}\n      llama.cpp: {theirs!r}")
            checks[os.path.basename(path)] = [same, n]
    json.dump(dict(settings=vars(args), results=results, llama_cpp_checks=checks),
              open(os.path.join(args.out, "results.json"), "w"), indent=1)
    log("done")


if __name__ == "__main__":
    main()
