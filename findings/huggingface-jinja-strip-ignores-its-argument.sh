#!/usr/bin/env bash
# Versions: npm @huggingface/jinja@0.5.11, Node.js; Python's jinja2 gives the text in the last column.
#
# strip, lstrip and rstrip of a string take an argument in Python, the characters to remove. @huggingface/jinja accepts
# it and removes white space all the same: lstrip('\n'), which chat templates use to drop newlines behind a thought, takes
# the indentation of the answer, too, and strip('.') takes no dots.
#
# Output seen:
#   "[{{ x.lstrip('\\n') }}]": "[a ]", jinja2 "[  a ]"
#   "[{{ x.rstrip('!') }}]": "[a!!]", jinja2 "[a]"
#   "[{{ x.strip('.') }}]": "[..a..]", jinja2 "[a]"
# Exits 1 if one of these results changes. Needs npm, node.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/jinja@0.5.11
cat > render.mjs <<'END'
import { Template } from "@huggingface/jinja";
// template, context, result, what Python's jinja2 gives
const cases = [
  ["[{{ x.lstrip('\\n') }}]", { x: "\n  a " }, "[a ]", "[  a ]"],
  ["[{{ x.rstrip('!') }}]", { x: "a!!" }, "[a!!]", "[a]"],
  ["[{{ x.strip('.') }}]", { x: "..a.." }, "[..a..]", "[a]"],
];
let changed = 0;
for (const [template, context, expected, python] of cases) {
  const text = new Template(template).render(context);
  console.log(`${JSON.stringify(template)}: ${JSON.stringify(text)}, jinja2 ${JSON.stringify(python)}`);
  changed |= text !== expected;
}
process.exit(changed);
END
node render.mjs || { echo "changed: see the output above"; exit 1; }
