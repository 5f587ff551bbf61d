#!/bin/sh
# Moves the pin to another version of node-llama-cpp, which says which llama.cpp it is: rewrites pinned.txt with that
# version in front, and keeps the versions that were there as older ones of the range.
#
#   pin.sh VERSION   of the npm package, say 3.22.1
#
# A platform whose package of that version cannot be resolved keeps the one that it has, and is named. What `make pin`
# does after this is in the Makefile; what is left to people, in docs/llama-cpp-versions.md.
set -eu
cd "$(dirname "$0")"
name=pin.sh
. ./common.sh

[ $# -eq 1 ] || die "which version of the npm package node-llama-cpp? (make pin VERSION=3.22.1)"
need npm "it knows the packages"
need git "the package holds llama.cpp as a git bundle"
npm_version=$1

mkdir -p build
scratch=$PWD/$(mktemp -d build/.pin.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

# package WHAT: name of its package
package() {
    case $1 in
        source) echo node-llama-cpp ;;
        mac-arm64) echo @node-llama-cpp/mac-arm64-metal ;;
        *) echo "@node-llama-cpp/$1" ;;
    esac
}

# integrity WHAT: sha512 of its package of the wanted version; empty if the registry has none
integrity() {
    npm view --loglevel=silent "$(package "$1")@$npm_version" dist.integrity 2>/dev/null || true
}

# cmake_version FILE PREFIX: MAJOR.MINOR.PATCH as a CMakeLists.txt sets them
cmake_version() {
    for part in MAJOR MINOR PATCH; do
        sed -n "s/^ *set(${2}_VERSION_$part \\([0-9]*\\)).*/\\1/p" "$1"
    done | paste -s -d . -
}

digest=$(integrity source)
[ -n "$digest" ] || die "the registry has no node-llama-cpp@$npm_version"
fetching Unpack "node-llama-cpp@$npm_version" "$digest" "$scratch"
git clone -q --no-checkout "$scratch/package/llama/gitRelease.bundle" "$scratch/clone"
commit=$(git -C "$scratch/clone" rev-parse HEAD)
git -C "$scratch/clone" show HEAD:CMakeLists.txt >"$scratch/llama.txt"
git -C "$scratch/clone" show HEAD:ggml/CMakeLists.txt >"$scratch/ggml.txt"
llama=v$(cmake_version "$scratch/llama.txt" LLAMA)
ggml=$(cmake_version "$scratch/ggml.txt" GGML)

# others WHAT [VERSION]: the lines of pinned.txt for it, but for those of this version
others() {
    awk -v what="$1" -v version="${2:-}" '$1 == what && $2 != version' pinned.txt
}

{
    sed -n '1,/^# version /p' pinned.txt
    printf '%-10s %-10s %-7s %s\n' version "$llama" "$ggml" "$commit"
    others version "$llama"
    echo
    sed -n '/^# what /p' pinned.txt
    for what in source linux-x64 linux-arm64 mac-arm64 mac-x64 win-x64 win-arm64 linux-x64-vulkan linux-x64-cuda; do
        digest=$(integrity $what)
        if [ -n "$digest" ]; then
            printf '%-12s %-10s %-38s %s\n' $what "$llama" "$(package $what)@$npm_version" "$digest"
            others $what "$llama"
        else
            echo "$name: no $(package $what)@$npm_version: $what stays at $(pinned $what 2)" >&2
            others $what
        fi
    done
} >"$scratch/pinned.txt"
mv "$scratch/pinned.txt" pinned.txt
echo "$name: llama.cpp $llama (ggml $ggml, commit $commit) is pinned, of node-llama-cpp@$npm_version"
