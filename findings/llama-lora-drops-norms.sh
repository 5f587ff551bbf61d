#!/usr/bin/env bash
# Versions: llama.cpp v0.5.0, by npm node-llama-cpp@3.22.1 and @node-llama-cpp/linux-x64@3.22.1; Linux, x86-64, Node.js.
#
# A LoRA adapter may hold whole norm vectors beside its factors: PEFT's modules_to_save and mergekit train them, and llama.cpp's
# convert_lora_to_gguf.py stores them (NAME_norm.weight, without .lora_a and .lora_b). llama.cpp loads such an adapter, applies its
# factors and drops the norms, without a warning.
#
# Input: a random Llama of one layer, an adapter for attn_v, and the same adapter with another ffn_norm.
# Output seen:
#   the norm in the model matters: true
#   the factors of the adapter matter: true
#   the norm in the adapter matters: false, warnings: 0
# Exits 1 if the norm is applied, refused or warned of. Needs npm, node.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --omit=optional node-llama-cpp@3.22.1 @node-llama-cpp/linux-x64@3.22.1
cat > ask.mjs <<'END'
import { writeFileSync } from "node:fs";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
const u32 = (value) => { const b = Buffer.alloc(4); b.writeUInt32LE(value); return b; };
const f32 = (...values) => Buffer.from(Float32Array.from(values).buffer);
const u64 = (value) => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(value)); return b; };
const text = (string) => Buffer.concat([u64(Buffer.byteLength(string)), Buffer.from(string)]);
const pair = (key, type, ...value) => Buffer.concat([text(key), u32(type), ...value]);
const list = (key, type, items) => pair(key, 9, u32(type), u64(items.length), ...items);
const [UINT32, FLOAT32, STRING, INT32] = [4, 6, 8, 5];
let state = 1;
const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648 - 0.5;
const values = (count, base) => Float32Array.from({ length: count }, () => base + random());
function write(file, pairs, tensors) {
  const names = [], data = [];
  let offset = 0;
  for (const [name, dimensions, base] of tensors) {
    const floats = Buffer.from(values(dimensions.reduce((a, b) => a * b), base).buffer);
    names.push(text(name), u32(dimensions.length), ...dimensions.map(u64), u32(0), u64(offset));
    data.push(floats, Buffer.alloc(-floats.length & 31));
    offset += floats.length + (-floats.length & 31);
  }
  const head = Buffer.concat([Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(pairs.length), ...pairs, ...names]);
  writeFileSync(file, Buffer.concat([head, Buffer.alloc(-head.length & 31), ...data]));
}
const E = 64, V = 280;
const byte = (value) => `<0x${value.toString(16).toUpperCase().padStart(2, "0")}>`;
const tokens = Array.from({ length: V }, (_, i) => ["<unk>", "<s>", "</s>"][i] ?? (i < 259 ? byte(i - 3) : `t${i}`));
const sizes = { context_length: 256, embedding_length: E, block_count: 1, feed_forward_length: 128,
                  "attention.head_count": 4, "attention.head_count_kv": 4 };
const architecture = pair("general.architecture", STRING, text("llama"));
function writeModel(file, norm) {
  state = 1;
  write(file, [architecture,
    ...Object.entries(sizes).map(([key, value]) => pair("llama." + key, UINT32, u32(value))),
    pair("llama.attention.layer_norm_rms_epsilon", FLOAT32, f32(1e-5)),
    pair("tokenizer.ggml.model", STRING, text("llama")), list("tokenizer.ggml.tokens", STRING, tokens.map(text)),
    list("tokenizer.ggml.scores", FLOAT32, tokens.map(() => f32(0))),
    list("tokenizer.ggml.token_type", INT32, tokens.map((_, i) => u32(i === 0 ? 2 : i < 3 ? 3 : i < 259 ? 6 : 1)))],
    [["token_embd.weight", [E, V], 0], ["output_norm.weight", [E], 1], ["output.weight", [E, V], 0],
     ["blk.0.attn_norm.weight", [E], 1], ["blk.0.ffn_norm.weight", [E], norm],
     ...["q", "k", "v", "output"].map((name) => [`blk.0.attn_${name}.weight`, [E, E], 0]),
     ["blk.0.ffn_gate.weight", [E, 128], 0], ["blk.0.ffn_up.weight", [E, 128], 0], ["blk.0.ffn_down.weight", [128, E], 0]]);
}
writeModel("base.gguf", 1);
writeModel("merged.gguf", 3);
const adapter = [architecture, pair("general.type", STRING, text("adapter")), pair("adapter.type", STRING, text("lora")),
                 pair("adapter.lora.alpha", FLOAT32, f32(4))];
const factors = [["blk.0.attn_v.weight.lora_a", [E, 4], 0], ["blk.0.attn_v.weight.lora_b", [4, E], 0]];
state = 7;
write("factors.gguf", adapter, factors);
state = 7;
write("with-norm.gguf", adapter, [...factors, ["blk.0.ffn_norm.weight", [E], 3]]);
const messages = [];
const logger = (level, message) => messages.push(message);
const llama = await getLlama({ build: "never", gpu: false, logLevel: LlamaLogLevel.warn, logger });
async function ask(modelPath, filePath) {
  const model = await llama.loadModel({ modelPath });
  const lora = filePath && { adapters: [{ filePath, scale: 1 }] };
  const context = await model.createContext({ contextSize: 256, lora });
  const input = [1, 70, 80, [90, { generateNext: { probabilities: true } }]];
  const { probabilities } = (await context.getSequence().controlledEvaluate(input))[3].next;
  await model.dispose();
  return [...probabilities].sort(([a], [b]) => a - b).map(([, share]) => share.toFixed(6)).join(" ");
}
const [base, other, plain, norm] = [await ask("base.gguf"), await ask("merged.gguf"),
                                    await ask("base.gguf", "factors.gguf"), await ask("base.gguf", "with-norm.gguf")];
const said = messages.filter((message) => /lora|norm|adapter/i.test(message)).length;
console.log(`the norm in the model matters: ${base !== other}`);
console.log(`the factors of the adapter matter: ${base !== plain}`);
console.log(`the norm in the adapter matters: ${plain !== norm}, warnings: ${said}`);
process.exit(base !== other && base !== plain && plain === norm && said === 0 ? 0 : 1);
END
node ask.mjs || { echo "changed: see the output above"; exit 1; }
