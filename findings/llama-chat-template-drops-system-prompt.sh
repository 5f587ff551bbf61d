#!/usr/bin/env bash
# Versions: llama.cpp v0.5.0, libllama.v0.5.0.so of npm @node-llama-cpp/linux-x64@3.22.1; npm @huggingface/jinja@0.5.11
# for the right text; Linux, x86-64. (llama.h says that no Jinja parser is used; the return value is that of a success.)
#
# llama_chat_apply_template of libllama does not evaluate the template that it is given: it looks for words in it, and
# writes the format of the family that they remind it of. A template with a default system prompt, of which chat models
# of 2025 and 2026 have many, loses that prompt without an error, while a Jinja engine writes it.
#
# Output seen for one user message "Hello":
#   Jinja:   "<|im_start|>system\nYou are Ada.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
#   libllama: "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
# Exits 1 if libllama writes the system prompt, refuses, or writes anything else. Needs npm, node, gcc.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts @node-llama-cpp/linux-x64@3.22.1
lib=$work/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/jinja@0.5.11
cat > template.jinja <<'END'
{%- if messages[0].role != 'system' %}{{ '<|im_start|>system\nYou are Ada.<|im_end|>\n' }}{% endif %}
{%- for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
END
cat > right.mjs <<'END'
import { readFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";
const template = new Template(readFileSync("template.jinja", "utf8").trimEnd());
process.stdout.write(template.render({ messages: [{ role: "user", content: "Hello" }], add_generation_prompt: true }));
END
cat > guessed.c <<'END'
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
struct message { const char *role, *content; };
int32_t llama_chat_apply_template(const char *, const struct message *, size_t, bool, char *, int32_t);
int main(void) {
    static char template[4096], prompt[4096];
    FILE *file = fopen("template.jinja", "r");
    if (!file || !fread(template, 1, sizeof template - 1, file)) return 2;
    struct message user = {"user", "Hello"};
    int32_t length = llama_chat_apply_template(template, &user, 1, true, prompt, sizeof prompt);
    if (length < 0) return 3;
    fwrite(prompt, 1, length, stdout);
    return 0;
}
END
gcc -O1 guessed.c -o guessed -L"$lib" -l:libllama.v0.5.0.so -Wl,-rpath,"$lib" -Wl,--allow-shlib-undefined
right=$(node right.mjs; echo .)
guessed=$(./guessed; echo .)
printf 'Jinja:    %q\nlibllama: %q\n' "${right%.}" "${guessed%.}"
user=$'<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n'
[ "$right" = $'<|im_start|>system\nYou are Ada.<|im_end|>\n'"$user." ] || { echo "changed: the right text"; exit 1; }
[ "$guessed" = "$user." ] || { echo "changed: what libllama writes"; exit 1; }
