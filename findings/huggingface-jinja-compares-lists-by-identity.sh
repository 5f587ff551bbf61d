#!/usr/bin/env bash
# Versions: npm @huggingface/jinja@0.5.11, Node.js; Python's jinja2 gives the text in the last column.
#
# Lists and mappings with equal contents are equal in Jinja, as in Python. In @huggingface/jinja they are not: == asks whether
# the two are the same object, so that a template that compares, say, message.content with [] takes the other branch.
#
# Output seen:
#   "{{ 'same' if [1] == [1] else 'different' }}": "different", jinja2 "same"
#   "{{ 'none' if x == [] else 'some' }}": "some", jinja2 "none"
#   "{{ 'same' if {'a': 1} == {'a': 1} else 'different' }}": "different", jinja2 "same"
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
  ["{{ 'same' if [1] == [1] else 'different' }}", {}, "different", "same"],
  ["{{ 'none' if x == [] else 'some' }}", { x: [] }, "some", "none"],
  ["{{ 'same' if {'a': 1} == {'a': 1} else 'different' }}", {}, "different", "same"],
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
