#!/bin/sh
# Unpacks an archive that image.sh made and uses it as somebody without Java would: test.sh ARCHIVE. Prints how long it
# takes to start.
set -eu
archive=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
demo=$(cd "$(dirname "$0")/../demo" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "test.sh: $*" >&2
    exit 1
}

mkdir "$work/empty" "$work/home" "$work/bin"
tar -xzf "$archive" -C "$work"
unpacked=$(echo "$work"/expo-gguf-*)
for tool in sh readlink; do # all that the script needs, and no Java
    ln -s "$(command -v $tool)" "$work/bin/$tool"
done
ln -s "$unpacked/bin/expo-gguf" "$work/bin/expo-gguf" # as people put it on their PATH

# without_java ARGUMENTS...
without_java() {
    env -i PATH="$work/bin" HOME="$work/home" expo-gguf "$@"
}

cd "$work/empty"
without_java extrapolate --sft "$demo/guide-sft-f16.gguf" --aligned "$demo/guide-dpo-20-f16.gguf" --alpha 5 \
    --type Q4_K_M -o expo.gguf >out 2>&1 || fail "extrapolate: $(cat out)"
without_java verify --sft "$demo/guide-sft-f16.gguf" --aligned "$demo/guide-dpo-20-f16.gguf" expo.gguf >out 2>&1 ||
    fail "verify: $(cat out)"
answer=$(echo 'Which city rules Chile?' | without_java chat -m expo.gguf --temp 0 2>&1) || fail "chat: $answer"
case $answer in *Santiago*) ;; *) fail "chat: $answer" ;; esac
without_java version >out 2>&1
grep -q '^vector module  available' out || fail "no vector module: $(cat out)"
grep -A 1 '^java ' out | grep -q "$unpacked" || fail "another Java: $(cat out)"
without_java extrapolate --sft nothing.gguf --aligned nothing.gguf --alpha 1 -o o.gguf >out 2>&1 && fail "no failure"
[ "$(wc -l <out)" -le 3 ] || fail "more than a message: $(cat out)"
cp -r "$unpacked" "$work/copied" # with other times, so that Java refuses the archive
env -i PATH="$work/bin" HOME="$work/home" "$work/copied/bin/expo-gguf" --version >out 2>&1
grep -q '^\[' out && fail "a copy speaks of its archive: $(cat out)"
cp -r "$unpacked" "$work/größe" # where there is no locale
env -i PATH="$work/bin" HOME="$work/home" "$work/größe/bin/expo-gguf" inspect "$demo/guide-sft-f16.gguf" >out 2>&1 ||
    fail "below a directory of another name than ASCII: $(cat out)"
cp "$demo/guide-sft-f16.gguf" "$work/größe.gguf"
env -i PATH="$work/bin" HOME="$work/home" LC_ALL=C "$work/größe/bin/expo-gguf" inspect "$work/größe.gguf" >out 2>&1 ||
    fail "a model of another name than ASCII: $(cat out)"
man -l "$unpacked/share/man/man1/expo-gguf.1" >out 2>/dev/null && { grep -q -- '--aligned' out || fail "the manual page lacks options"; }
sh -n "$unpacked/share/bash-completion/completions/expo-gguf" 2>/dev/null || bash -n "$unpacked/share/bash-completion/completions/expo-gguf" ||
    fail "the completion does not parse"

# start N: seconds that N starts take
start() {
    begin=$(date +%s%N)
    for _ in $(seq "$1"); do
        without_java --help >out
    done
    echo $(($(date +%s%N) - begin))
}
start 1 >out2
echo "no Java needed; expo-gguf --help takes $(($(start 10) / 10000000)) ms"
