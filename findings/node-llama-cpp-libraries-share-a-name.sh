#!/bin/bash
# Versions: npm @node-llama-cpp/linux-x64@3.21.1 (llama.cpp v0.4.0, ggml 0.23.0) and @3.22.1 (llama.cpp v0.5.0, ggml 0.25.1); Linux, x86-64.
#
# The prebuilt libraries of two releases in one process: libggml and libllama carry their version in their names
# (libggml.v0.5.0.so), but libggml-base is libggml-base.so in every release, and the others need it by that name. The
# system's loader takes the libggml-base.so that is there for the one that is needed, whatever directory both are in. So
# the libggml of v0.5.0, loaded from its own directory after the libggml-base of v0.4.0, and after its own libggml-base,
# works with the one of v0.4.0:
#
#   libggml-base of v0.5.0 says: ggml 0.25.1
#   libggml of v0.5.0 is linked to: ggml 0.23.0
#
# The types and structures of the two differ, and nothing says so. Exits 1 if each libggml is linked to its own
# libggml-base. Needs npm, gcc.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

for version in 3.21.1 3.22.1; do
    npm pack --silent "@node-llama-cpp/linux-x64@$version" >/dev/null
    mkdir "$version"
    tar -xzf "node-llama-cpp-linux-x64-$version.tgz" -C "$version"
done

cat >seen.c <<'C'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static void * open_library(const char * path) {
    void * library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (!library) { fprintf(stderr, "%s\n", dlerror()); exit(2); }
    return library;
}

static const char * ggml_seen_through(void * library) {
    return ((const char * (*)(void)) dlsym(library, "ggml_version"))();
}

int main(int argc, char ** argv) {
    open_library(argv[1]);                       // libggml-base of v0.4.0
    void * base = open_library(argv[2]);         // libggml-base of v0.5.0
    void * ggml = open_library(argv[3]);         // libggml of v0.5.0
    printf("libggml-base of v0.5.0 says: ggml %s\n", ggml_seen_through(base));
    printf("libggml of v0.5.0 is linked to: ggml %s\n", ggml_seen_through(ggml));
    return 0;
}
C
gcc -O1 seen.c -o seen -ldl

old=3.21.1/package/bins/linux-x64
new=3.22.1/package/bins/linux-x64
./seen "$old/libggml-base.so" "$new/libggml-base.so" "$new/libggml.v0.5.0.so" | tee seen.txt
printf '%s\n' "libggml-base of v0.5.0 says: ggml 0.25.1" "libggml of v0.5.0 is linked to: ggml 0.23.0" |
    cmp -s - seen.txt || { echo "changed: which libggml-base is used"; exit 1; }
