#!/bin/sh
# Fetches what pinned.txt names, from npm, by package name, and checks the sha512 recorded there.
#
#   fetch.sh              the libraries for this machine, into build/PLATFORM
#   fetch.sh PLATFORM...  for others (linux-x64, linux-arm64, mac-arm64, mac-x64, win-x64, win-arm64)
#   fetch.sh all          for all six
#   fetch.sh linux-x64-vulkan, linux-x64-cuda   a backend for GPUs alone, that fits the libraries in build/linux-x64
#   fetch.sh source       llama.cpp's headers and source, into build/source (`headers` means the same)
#   fetch.sh WHAT@v0.4.0  the same of another version of the range, into build/versions/v0.4.0
#
# What is there and right is left alone. What came from another package is replaced; what was built from source is not.
set -eu
cd "$(dirname "$0")"
name=fetch.sh
. ./common.sh

# package WHAT VERSION: downloads and checks the package of this line of pinned.txt, prints the path of its tarball
package() {
    mkdir -p "$scratch/$1-$2"
    npm_tarball "$(pinned "$1" 3 "$2")" "$(pinned "$1" 4 "$2")" "$scratch/$1-$2"
}

# fetch_libraries PLATFORM VERSION TARGET
fetch_libraries() {
    target=$3
    spec=$(pinned "$1" 3 "$2")
    [ -n "$spec" ] || die "pinned.txt has no platform '$1'${2:+ of $2}"
    if complete "$target"; then
        case $origin in
            "$spec") if grep -q 'x[0-9a-z]*-base[.]' "$target/files.txt"; then return; fi ;; # else an older fetch.sh's
            @node-llama-cpp/*) echo "$name: replacing $target ($origin)" ;;
            *)
                echo "$name: keeping $target ($origin, $version); delete it to have $spec" >&2
                return
                ;;
        esac
    fi
    tarball=$(package "$1" "$2")
    work=$(dirname "$tarball")
    fresh=$work/libraries
    mkdir "$fresh"
    tar -xzf "$tarball" -C "$work"
    for file in "$work"/package/bins/*/*; do
        case ${file##*/} in
            # node-llama-cpp's own parts: the Node.js addon, and the helpers of llama.cpp's programs that it uses
            llama-addon.* | *llama-common.*) ;;
            *.so | *.dylib | *.dll) cp "$file" "$fresh/" ;;
        esac
    done
    own_names "$fresh"
    cp LICENSE.llama.cpp "$fresh/"
    list_files "$fresh" "$spec" "$(pinned "$1" 2 "$2")" >"$work/files.txt"
    mv "$work/files.txt" "$fresh/"
    rm -rf "$target"
    mkdir -p "$(dirname "$target")"
    mv "$fresh" "$target"
    echo "$name: $target from $spec"
}

# fetch_backend PLATFORM-BACKEND VERSION TARGET: the backend's library out of a package that holds a whole build, whose
# ggml-base has to be that of the platform's libraries, byte for byte
fetch_backend() {
    [ -n "$(pinned "$1" 3 "$2")" ] || die "pinned.txt has no backend '$1'${2:+ of $2}"
    beside=$(dirname "$3")/${1%-*}
    fetch_libraries "${1%-*}" "$2" "$beside"
    target=$3
    spec=$(pinned "$1" 3 "$2")
    base=$(cd "$beside" && ls | sed -n '/x[0-9a-z]*-base[.]/p')
    if complete "$target" && [ "$origin" = "$spec" ] && grep -qF "${base:-none}" "$target/libggml-${1##*-}.so"; then
        return
    fi
    tarball=$(package "$1" "$2")
    work=$(dirname "$tarball")
    fresh=$work/backend
    mkdir "$fresh"
    tar -xzf "$tarball" -C "$work"
    cp "$work"/package/bins/*/libggml-base.so "$work"/package/bins/*/"libggml-${1##*-}.so" "$fresh/"
    own_names "$fresh" "$beside"
    cp LICENSE.llama.cpp "$fresh/"
    list_files "$fresh" "$spec" "$(pinned "$1" 2 "$2")" >"$work/files.txt"
    mv "$work/files.txt" "$fresh/"
    rm -rf "$target"
    mv "$fresh" "$target"
    echo "$name: $target from $spec"
}

# fetch_source VERSION TARGET
fetch_source() {
    need git "the package holds llama.cpp as a git bundle"
    target=$2
    commit=$(pinned version 4 "$1")
    if [ "$(git -C "$target" rev-parse HEAD 2>/dev/null)" = "$commit" ] && [ -f "$target/.git/patched" ]; then
        return
    fi
    tarball=$(package source "$1")
    work=$(dirname "$tarball")
    tar -xzf "$tarball" -C "$work" package/llama/gitRelease.bundle package/llama/patches
    git -c advice.detachedHead=false clone -q "$work/package/llama/gitRelease.bundle" "$work/clone" ||
        die "the git bundle in $(pinned source 3 "$1") cannot be cloned"
    actual=$(git -C "$work/clone" rev-parse HEAD)
    [ "$actual" = "$commit" ] || die "the source is commit $actual, pinned.txt says $commit"
    # The packaged libraries are built with these; models that come from no file need PR-22566.
    for patch in "$work"/package/llama/patches/*.diff; do
        git -C "$work/clone" apply "$patch" || die "${patch##*/} does not fit the source"
    done
    touch "$work/clone/.git/patched"
    rm -rf "$target"
    mkdir -p "$(dirname "$target")"
    mv "$work/clone" "$target"
    echo "$name: $target is llama.cpp $(pinned version 2 "$1"), with the patches of its package"
}

mkdir -p build
scratch=$(mktemp -d build/.fetch.XXXXXX)
scratch=$PWD/$scratch
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

[ $# -gt 0 ] || set -- "$(host_platform)"
for what in "$@"; do
    case $what in
        *@*)
            version=${what#*@}
            [ -n "$(pinned version 2 "$version")" ] || die "pinned.txt has no version '$version'"
            directory=build/versions/$version
            ;;
        *)
            version=
            directory=build
            ;;
    esac
    case ${what%@*} in
        all) for each in linux-x64 linux-arm64 mac-arm64 mac-x64 win-x64 win-arm64; do
            fetch_libraries $each "" build/$each
        done ;;
        source | headers)
            if [ -n "$version" ] && [ "$version" = "$(pinned version 2)" ]; then
                fetch_source "" build/source
                mkdir -p $directory
                rm -rf $directory/source
                ln -s ../../source $directory/source
            else
                fetch_source "$version" $directory/source
            fi
            ;;
        *-*-*) fetch_backend "${what%@*}" "$version" "$directory/${what%@*}" ;;
        *) fetch_libraries "${what%@*}" "$version" "$directory/${what%@*}" ;;
    esac
done
