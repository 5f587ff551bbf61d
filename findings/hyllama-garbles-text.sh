#!/usr/bin/env bash
# Versions: npm hyllama@0.2.2, Node.js.
#
# hyllama reads every byte of a string in GGUF metadata as a character of its own: text beyond ASCII, which is UTF-8 in
# GGUF (vocabularies are full of it), comes back garbled, and nothing says so.
#
# Input: a GGUF file of version 3 with general.name "Zoë" and no tensors.
# Output seen:
#   "ZoÃ«" of 4 characters, expected "Zoë" of 3
# Exits 1 if the text is right, or garbled in another way. Needs npm, node.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts hyllama@0.2.2
cat > read.mjs <<'END'
import { ggufMetadata } from "hyllama";
const number = (bits, value) => {
  const bytes = Buffer.alloc(bits / 8);
  bits === 64 ? bytes.writeBigUInt64LE(BigInt(value)) : bytes.writeUInt32LE(value);
  return bytes;
};
const text = (string) => Buffer.concat([number(64, Buffer.byteLength(string)), Buffer.from(string)]);
const STRING = 8;
const file = Buffer.concat([
  Buffer.from("GGUF"), number(32, 3), number(64, 0), number(64, 1), text("general.name"), number(32, STRING), text("Zo\u00eb")]);
const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
const name = ggufMetadata(buffer).metadata["general.name"];
console.log(`${JSON.stringify(name)} of ${name.length} characters, expected "Zo\u00eb" of 3`);
process.exit(name === "Zo\u00c3\u00ab" ? 0 : 1);
END
node read.mjs || { echo "changed: see the output above"; exit 1; }
