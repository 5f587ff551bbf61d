#!/bin/sh
# Writes what the code must know of each version of the range, in the form that SupportedVersions.java reads: ggml's
# table of types, asked from the library, and size and fields of the structures in the bindings, asked from a C compiler
# that reads the version's own headers.
#
#   describe.sh > ../src/main/resources/io/github/expogguf/nativelib/versions.txt
#
# PLATFORM, CC and EMULATOR name another platform than this machine's, its C compiler, and what runs its programs; see
# arm64.sh.
#
# The lines `changed TYPE...`, of types that a version quantizes to other bytes than the one before, are kept from the
# file that is there: people write them, and AcrossVersionsTest holds them against the libraries (make test-versions).
set -eu
cd "$(dirname "$0")"
name=describe.sh
. ./common.sh

bindings=../bindings/java/io/github/expogguf/bindings
known=../src/main/resources/io/github/expogguf/nativelib/versions.txt
compiler=${CC:-cc}
need "$compiler" "a C compiler reads the headers (CC names one)"
platform=${PLATFORM:-$(host_platform)}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

# program: C that prints the lines of a version
program() {
    cat describe.c
    echo 'static void print_structs(void) {'
    sed -n 's/^--include-struct //p' ../bindings/includes.txt | while read -r struct; do
        echo "    printf(\"struct $struct %zu\", sizeof(struct $struct));"
        sed -n 's/^ *public static final long \(.*\)\$offset() {$/\1/p' "$bindings/$struct.java" | while read -r field; do
            echo "    printf(\" $field=%zu\", offsetof(struct $struct, $field));"
        done
        echo '    puts("");'
    done
    echo '}'
}

cat <<'END'
# The versions of llama.cpp that expo-gguf works with, the pinned one first: written by native/describe.sh, but for the
# lines that begin with `changed`; SupportedVersions.java reads it.
END
program >"$scratch/describe.c"
for version in $(versions); do
    ./fetch.sh "source@$version" "$platform@$version" >&2
    place=build/versions/$version
    base=$(ls "$place/$platform"/*-base.*)
    "$compiler" -std=c11 -I "$place/source/include" -I "$place/source/ggml/include" -o "$scratch/describe" \
        "$scratch/describe.c" "$base" -Wl,-rpath,"$PWD/$place/$platform" \
        -Wl,--allow-shlib-undefined || die "describe.c does not fit $version"
    printf '\nversion %s %s %s\n' "${version#v}" "$(pinned version 3 "$version")" "$(pinned version 4 "$version")"
    awk -v version="${version#v}" '$1 == "version" { mine = $2 == version } $1 == "changed" && mine' "$known" 2>/dev/null || true
    # shellcheck disable=SC2086 # a command with its options
    ${EMULATOR:-} "$scratch/describe"
done
