#!/bin/sh
# Prints the manual page, made of the help of every command: man.sh COMMAND...  (how expo-gguf is run)
set -eu
version=$("$@" --version | head -n 1)

# text: stdin as lines that are printed as they are
text() {
    echo .nf
    sed -e 's/\\/\\e/g' -e "s/^\([.']\)/\\\\\&\1/" -e 's/-/\\-/g'
    echo .fi
}

echo ".TH EXPO\\-GGUF 1 \"\" \"$version\""
echo '.SH NAME'
echo 'expo\-gguf \- make better local models out of two that exist'
echo '.SH SYNOPSIS'
"$@" --help | text
"$@" --help | sed -n '/^Commands:/,/^$/ s/^  \([a-z][a-z-]*\)  .*/\1/p' | while read -r command; do
    echo ".SH $command" | tr 'a-z' 'A-Z'
    "$@" help "$command" </dev/null | text
done
