#!/bin/sh
# Lists what changed between two versions of llama.cpp, as far as expo-gguf depends on it.
#
#   changes.sh [OLD NEW]   as in v0.4.0 v0.5.0; without them, from the second version of the range to the pinned one
#
# What each part means for the code is in docs/llama-cpp-versions.md.
set -eu
cd "$(dirname "$0")"
name=changes.sh
. ./common.sh

need git "it compares"
new=${2:-$(versions | sed -n 1p)}
old=${1:-$(versions | sed -n 2p)}
[ -n "$old" ] || die "there is no older version in pinned.txt: name two"
./fetch.sh "source@$old" "source@$new" >&2
a=$PWD/build/versions/$old/source
b=$PWD/build/versions/$new/source
old_commit=$(git -C "$a" rev-parse HEAD)
git -C "$b" fetch -q "$a" HEAD # two commits of one repository compare by name

# changes [OPTION...] -- PATH...: of the two versions as they were published, without the patches of the package
changes() {
    git -C "$b" diff --no-color "$@"
}

range="$old_commit HEAD"

# summary PATH...: "no change", or lines added and removed by file
# shellcheck disable=SC2086 # the range is two words
summary() {
    numbers=$(changes --numstat $range -- "$@")
    [ -n "$numbers" ] || { echo "  no change in $*"; return; }
    echo "$numbers" | awk '{ printf "  +%-4s -%-4s %s\n", $1, $2, $3 }'
}

# lines PATTERN PATH...: the changed lines that match it, by file
# shellcheck disable=SC2086 # the range is two words
lines() {
    pattern=$1
    shift
    changes -U0 $range -- "$@" | awk -v pattern="$pattern" '
        /^(---|\+\+\+) / { if ($2 != "/dev/null") file = substr($2, 3); next }
        /^[-+]/ && $0 ~ pattern {
            if (file != printed) { print "  " file; printed = file }
            sign = substr($0, 1, 1)
            text = substr($0, 2)
            sub(/^ +/, "", text)
            print "    " sign " " text
        }'
}

# functions PATH: names of the functions that changed, as git guesses them
# shellcheck disable=SC2086 # the range is two words
functions() {
    changes -U0 $range -- "$1" | sed -n 's/^@@.*@@ *\(.*\)/    \1/p' | sort -u
}

# architectures REVISION: those that llama.cpp knows
architectures() {
    git -C "$b" show "$1:src/llama-arch.cpp" | sed -n 's/^ *{ *LLM_ARCH_[A-Z0-9_]*, *"\([^"]*\)" *},.*/\1/p' | sort
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

echo "llama.cpp $old -> $new"

echo
echo "Headers (make bindings says whether the bindings change)"
summary include ggml/include
symbols=$(sed -n '/ggml_tensor$/d; s/^--include-[a-z]* //p' ../bindings/includes.txt | paste -s -d '|' -)
echo "  lines with a symbol of bindings/includes.txt:"
lines "(^|[^A-Za-z0-9_])($symbols)([^A-Za-z0-9_]|\$)" include ggml/include

echo
echo "Types, file types and their rules"
summary src/llama-quant.cpp src/llama-quant.h
lines '(GGML_TYPE|LLAMA_FTYPE)_[A-Z0-9_]+ *=' include ggml/include

echo
echo "Quantizers (a type whose bytes change needs a line 'changed' in versions.txt)"
summary ggml/src/ggml-quants.c ggml/src/ggml-quants.h ggml/src/ggml-common.h ggml/src/ggml-impl.h
functions ggml/src/ggml-quants.c

echo
echo "Architectures"
architectures "$old_commit" >"$scratch/old"
architectures HEAD >"$scratch/new"
comm -13 "$scratch/old" "$scratch/new" | sed 's/^/  new      /'
comm -23 "$scratch/old" "$scratch/new" | sed 's/^/  removed  /'
summary src/models

echo
echo "Hyper-parameters: what is read, and defaults"
lines 'get_key|get_arr' src
summary src/llama-hparams.h src/llama-hparams.cpp
lines '[A-Za-z_0-9>]+ +[a-z_0-9]+ *= *[^=;]+;' src/llama-hparams.h

echo
echo "Assertions on models"
lines 'GGML_ASSERT|GGML_ABORT' src/models src/llama-model.cpp src/llama-model-loader.cpp src/llama-vocab.cpp \
    src/llama-graph.cpp src/llama-adapter.cpp src/llama-kv-cache.cpp src/llama-memory-recurrent.cpp

echo
echo "Adapters, loading, vocabularies, contexts"
summary src/llama-adapter.cpp src/llama-model-loader.cpp src/llama-model-loader.h src/llama-vocab.cpp src/llama-context.cpp \
    src/llama-sampler.cpp src/llama-chat.cpp ggml/src/gguf.cpp

echo
echo "Converters (modify_tensors)"
summary convert_hf_to_gguf.py convert_lora_to_gguf.py conversion gguf-py/gguf/constants.py gguf-py/gguf/tensor_mapping.py
