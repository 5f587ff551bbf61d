#!/usr/bin/env bash
# Versions: npm @huggingface/gguf@0.4.6, Node.js.
#
# JSON.stringify of the metadata that @huggingface/gguf reads always fails, also for a file without any 64-bit value: the
# counts of the header are put among the metadata as BigInt (GGUF.tensor_count and GGUF.kv_count, "version" is a number).
#
# Input: a GGUF file of version 3 with one string and no tensors.
# Output seen:
#   version: number, tensor_count: bigint, kv_count: bigint
#   TypeError: Do not know how to serialize a BigInt
# Exits 1 if it can be serialized, or fails in another way. Needs npm, node.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/gguf@0.4.6
cat > read.mjs <<'END'
import { writeFileSync } from "node:fs";
import { gguf } from "@huggingface/gguf";
const number = (bits, value) => {
  const bytes = Buffer.alloc(bits / 8);
  bits === 64 ? bytes.writeBigUInt64LE(BigInt(value)) : bytes.writeUInt32LE(value);
  return bytes;
};
const text = (string) => Buffer.concat([number(64, Buffer.byteLength(string)), Buffer.from(string)]);
const STRING = 8;
writeFileSync("model.gguf", Buffer.concat([
  Buffer.from("GGUF"), number(32, 3), number(64, 0), number(64, 1),
  text("general.architecture"), number(32, STRING), text("llama"),
  Buffer.alloc(64)]));
const { metadata } = await gguf("./model.gguf", { allowLocalFile: true });
console.log(["version", "tensor_count", "kv_count"].map((name) => `${name}: ${typeof metadata[name]}`).join(", "));
try {
  console.log(JSON.stringify(metadata));
  process.exit(1);
} catch (error) {
  console.log(String(error));
  process.exit(/BigInt/.test(error.message) && metadata["general.architecture"] === "llama" ? 0 : 1);
}
END
node read.mjs || { echo "changed: see the output above"; exit 1; }
