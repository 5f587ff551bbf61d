#!/usr/bin/env bash
# Versions: npm @huggingface/jinja@0.5.11, Node.js; Python's jinja2 gives the text in the last column.
#
# A template that prints a value which is no string writes Python's text for it: True, None, a list with single quotes, 1.0 with
# its zero. @huggingface/jinja writes JavaScript's, so a prompt with a flag or a list of tools in it differs from the one that the
# model was trained with; % of a negative number has JavaScript's sign, and length counts UTF-16 units.
#
# Output seen:
#   "{{ x }}": "true", jinja2 "True"
#   "{{ none }}": "", jinja2 "None"
#   "{{ x }}": "[\"a\", null]", jinja2 "['a', None]"
#   "{{ 'a' ~ 1.0 }}": "a1", jinja2 "a1.0"
#   "{{ -7 % 3 }}": "-1", jinja2 "2"
#   "{{ x | length }}": "2", jinja2 "1"
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
  ["{{ x }}", { x: true }, "true", "True"],
  ["{{ none }}", {}, "", "None"],
  ["{{ x }}", { x: ["a", null] }, '["a", null]', "['a', None]"],
  ["{{ 'a' ~ 1.0 }}", {}, "a1", "a1.0"],
  ["{{ -7 % 3 }}", {}, "-1", "2"],
  ["{{ x | length }}", { x: "\u{1f600}" }, "2", "1"],
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
