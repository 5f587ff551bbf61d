#!/bin/sh
# Fetches what pinned.txt names, from npm, by package name, and checks the sha512 recorded there.
#
#   fetch.sh              the libraries for this machine, into build/PLATFORM
#   fetch.sh PLATFORM...  for others (linux-x64, linux-arm64, mac-arm64, mac-x64, win-x64, win-arm64)
#   fetch.sh all          for all six
#   fetch.sh source       llama.cpp's headers and source, into build/source (`headers` means the same)
#
# What is there and right is left alone.
set -eu
cd "$(dirname "$0")"
name=fetch.sh
. ./common.sh

# package WHAT: downloads and checks the package of this line of pinned.txt, prints the path of its tarball
package() {
    need npm "install Node.js 20 or newer, or build the libraries yourself (make native-source)"
    need node "npm needs it"
    need tar "it unpacks the packages"
    spec=$(pinned "$1" 2)
    expected=$(pinned "$1" 3)
    mkdir "$scratch/$1"
    (cd "$scratch/$1" && npm pack --loglevel=error "$spec" >out 2>&1) ||
        die "npm pack $spec failed: $(tail -n 5 "$scratch/$1/out")"
    tarball=$(ls "$scratch/$1"/*.tgz)
    actual=$(node -e '
        const data = require("fs").readFileSync(process.argv[1]);
        console.log("sha512-" + require("crypto").createHash("sha512").update(data).digest("base64"))' "$tarball")
    [ "$actual" = "$expected" ] || die "$spec: digest is $actual, pinned.txt says $expected"
    echo "$tarball"
}

fetch_libraries() {
    target=build/$1
    spec=$(pinned "$1" 2)
    [ -n "$spec" ] || die "pinned.txt has no platform '$1'"
    if complete "$target"; then
        [ "$origin" = "$spec" ] || echo "$name: keeping $target ($origin); delete it to have $spec" >&2
        return
    fi
    tarball=$(package "$1")
    fresh=$scratch/$1/libraries
    mkdir "$fresh"
    tar -xzf "$tarball" -C "$scratch/$1"
    for file in "$scratch/$1"/package/bins/*/*; do
        case ${file##*/} in
            # node-llama-cpp's own parts: the Node.js addon, and the helpers of llama.cpp's programs that it uses
            llama-addon.* | *llama-common.*) ;;
            *.so | *.dylib | *.dll) cp "$file" "$fresh/" ;;
        esac
    done
    cp LICENSE.llama.cpp "$fresh/"
    list_files "$fresh" "$spec" >"$scratch/$1/files.txt"
    mv "$scratch/$1/files.txt" "$fresh/"
    rm -rf "$target"
    mv "$fresh" "$target"
    echo "$name: $target from $spec"
}

fetch_source() {
    need git "the package holds llama.cpp as a git bundle"
    target=build/source
    commit=$(pinned commit 2)
    if [ "$(git -C "$target" rev-parse HEAD 2>/dev/null)" = "$commit" ] && [ -f "$target/.git/patched" ]; then
        return
    fi
    tarball=$(package source)
    tar -xzf "$tarball" -C "$scratch/source" package/llama/gitRelease.bundle \
        package/llama/patches
    git -c advice.detachedHead=false clone -q "$scratch/source/package/llama/gitRelease.bundle" "$scratch/source/clone" ||
        die "the git bundle in $(pinned source 2) cannot be cloned"
    actual=$(git -C "$scratch/source/clone" rev-parse HEAD)
    [ "$actual" = "$commit" ] || die "the source is commit $actual, pinned.txt says $commit"
    # The packaged libraries are built with these; models that come from no file need PR-22566.
    for patch in "$scratch"/source/package/llama/patches/*.diff; do
        git -C "$scratch/source/clone" apply "$patch" || die "${patch##*/} does not fit the source"
    done
    touch "$scratch/source/clone/.git/patched"
    rm -rf "$target"
    mv "$scratch/source/clone" "$target"
    echo "$name: $target is llama.cpp $(pinned llama.cpp 2), with the patches of its package"
}

mkdir -p build
scratch=$(mktemp -d build/.fetch.XXXXXX)
scratch=$PWD/$scratch
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

[ $# -gt 0 ] || set -- "$(host_platform)"
for what in "$@"; do
    case $what in
        all) for each in linux-x64 linux-arm64 mac-arm64 mac-x64 win-x64 win-arm64; do fetch_libraries $each; done ;;
        source | headers) fetch_source ;;
        *) fetch_libraries "$what" ;;
    esac
done
