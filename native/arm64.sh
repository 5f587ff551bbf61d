#!/bin/sh
# Loads the libraries for linux-arm64 on an x64 machine, under qemu: ggml's table of types and the structures must be
# what versions.txt says, in every version of the range, and every backend must load. No Java takes part.
#
# Needs Debian's qemu-user-static, gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and libstdc++6:arm64 (after
# dpkg --add-architecture arm64).
set -eu
cd "$(dirname "$0")"
name=arm64.sh
. ./common.sh
need qemu-aarch64-static "install qemu-user-static"
need aarch64-linux-gnu-gcc "install gcc-aarch64-linux-gnu and libc6-dev-arm64-cross"
[ -e /lib/ld-linux-aarch64.so.1 ] || die "no libraries of arm64: dpkg --add-architecture arm64, install libstdc++6:arm64"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

PLATFORM=linux-arm64 CC=aarch64-linux-gnu-gcc EMULATOR=qemu-aarch64-static ./describe.sh >"$scratch/versions.txt"
cmp "$scratch/versions.txt" ../src/main/resources/io/github/expogguf/nativelib/versions.txt ||
    die "the libraries for arm64 have other types or structures"
echo "types and structures of $(versions | tr '\n' ' ')on linux-arm64 are those of linux-x64"

cat >"$scratch/load.c" <<'C'
#include <dlfcn.h>
#include <stdio.h>

/* Opens the libraries that are named, in order, and says the version of the llama.cpp among them. */
int main(int argc, char ** argv) {
    for (int i = 1; i < argc; i++) {
        void * library = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
        if (!library) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        const char * (*version)(void) = (const char * (*)(void)) dlsym(library, "llama_version");
        if (version) {
            printf("llama.cpp %s, ", version());
        }
    }
    printf("%d libraries loaded\n", argc - 1);
    return 0;
}
C
aarch64-linux-gnu-gcc "$scratch/load.c" -o "$scratch/load" -ldl
for version in $(versions); do
    libraries=build/versions/$version/linux-arm64
    qemu-aarch64-static "$scratch/load" $libraries/libx*-base.so $libraries/libx???.*.so $libraries/libx???a.*.so \
        $libraries/libggml-cpu-*.so
done
