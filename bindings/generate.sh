#!/bin/sh
# Regenerates the Java bindings from the headers of every version of llama.cpp in native/pinned.txt: fails if those of
# the pinned one differ from the committed files, which are then replaced, or if another version's differ from them.
# --replace: that the committed files are replaced is no failure.
# Needs jextract (JEXTRACT or on the PATH); the headers are fetched by native/fetch.sh.
set -eu
cd "$(dirname "$0")"

jextract=${JEXTRACT:-jextract}
command -v "$jextract" >/dev/null || { echo "generate.sh: no jextract: put it on the PATH or name it in JEXTRACT" >&2; exit 1; }

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
trap 'exit 130' INT TERM HUP
grep '^--' includes.txt > "$fresh/symbols"

# generate SOURCE TARGET
generate() {
    "$jextract" -I include -I "$1/include" -I "$1/ggml/include" \
        --target-package io.github.expogguf.bindings --header-class-name Llama \
        --output "$2" "@$fresh/symbols" expo.h 2>"$fresh/log" || { cat "$fresh/log" >&2; exit 1; }

    # jextract declares every basic C type, and its constant for `long` cannot be initialised on Windows, where a C long
    # has 32 bits. No binding uses it (see include/README.md), so it goes; the count below proves that nothing needed it.
    # It looks symbols up in all libraries of a class loader; ours come from the three that were loaded (Symbols.java).
    # It names a union without a name after its line in the header, which says nothing and differs between versions.
    find "$2" -name '*.java' -exec sed -i.bak -e '/ValueLayout.OfLong C_LONG = /d' -e 's/\$anon\$[0-9]*:[0-9]*/$anon/g' \
        -e 's/ SYMBOL_LOOKUP = SymbolLookup.loaderLookup()$/ SYMBOL_LOOKUP = Symbols::find;/' \
        -e '/^ *[.]or(Linker.nativeLinker().defaultLookup());$/d' {} +
    if ! grep -rqw 'SYMBOL_LOOKUP = Symbols::find' "$2" || grep -rn 'loaderLookup\|defaultLookup' "$2" --include='*.java'; then
        echo "generate.sh: the bindings look symbols up in another way than the one that is replaced here" >&2
        exit 1
    fi
    if grep -rnw C_LONG "$2" --include='*.java'; then
        echo "generate.sh: a binding uses a C long, which differs between platforms" >&2
        exit 1
    fi
    find "$2" -name '*.java.bak' | while read -r file; do
        [ "$(grep -o '\$anon\$[0-9]*:[0-9]*' "$file" | sort -u | wc -l)" -le 1 ] || {
            echo "generate.sh: two unions without names in ${file%.bak}" >&2
            exit 1
        }
    done
    find "$2" -name '*.bak' -delete
}

result=0
pinned=
for version in $(awk '$1 == "version" { print $2 }' ../native/pinned.txt); do
    ../native/fetch.sh "source@$version"
    generate "../native/build/versions/$version/source" "$fresh/$version"
    if [ -d java ] && diff -r java "$fresh/$version"; then
        echo "bindings: the committed files are what jextract generates for $version"
    elif [ -z "$pinned" ]; then
        rm -rf java && cp -R "$fresh/$version" java
        echo "bindings: regenerated for $version; the committed files differed" >&2
        [ "${1:-}" = --replace ] || result=1
    else
        echo "bindings: those of $version differ, so that one set cannot serve both: change includes.txt, or take" \
            "$version out of the range (native/pinned.txt)" >&2
        result=1
    fi
    pinned=${pinned:-$version}
done
exit $result
