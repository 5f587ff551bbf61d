#!/bin/sh
# Loads the libraries for win-x64 under Wine: alone, and after another build of the same version with the usual names.
# They must find each other by the names that they were given, and no library of the usual name may be loaded for them.
#
# Needs Debian's wine64 and gcc-mingw-w64-x86-64.
set -eu
cd "$(dirname "$0")"
name=windows.sh
. ./common.sh
wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
[ -x "$wine" ] || die "no Wine: install wine64"
need x86_64-w64-mingw32-gcc "install gcc-mingw-w64-x86-64"
scratch=$(mktemp -d)
export WINEPREFIX="$scratch/prefix" WINEDEBUG=-all

# Wine's server outlives the last program for some seconds, and writes.
clean() {
    server=$(command -v wineserver || ls /usr/lib/wine/wineserver* 2>/dev/null | head -n 1)
    [ -z "$server" ] || "$server" -k -w 2>/dev/null || true
    rm -rf "$scratch"
}
trap clean EXIT

./fetch.sh win-x64
version=$(sed -n '2s/^# llama.cpp //p' build/win-x64/files.txt)
fetching Unpack "$(pinned win-x64 3 "$version")" "$(pinned win-x64 4 "$version")" "$scratch"
usual=$(dirname "$(ls "$scratch"/package/bins/*/ggml-base.dll)")

cat >"$scratch/load.c" <<'C'
#include <windows.h>
#include <stdio.h>
#include <string.h>

/* Loads the libraries that are named, in order; a dash says that ggml-base.dll must not be there by then. */
int main(int argc, char ** argv) {
    int loaded = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-") == 0) {
            if (GetModuleHandleA("ggml-base.dll")) {
                printf("ggml-base.dll was loaded for a library with other names\n");
                return 1;
            }
        } else if (LoadLibraryA(argv[i])) {
            loaded++;
        } else {
            printf("%s: error %lu\n", argv[i], GetLastError());
            return 1;
        }
    }
    printf("%d libraries loaded\n", loaded);
    return 0;
}
C
x86_64-w64-mingw32-gcc "$scratch/load.c" -o "$scratch/load.exe"
cd build/win-x64
ours=$(ls x*-base.dll; ls x???.*.dll | grep -v base; ls x???a.*.dll; ls ggml-cpu-x64.dll)

# try WHAT LIBRARIES...
try() {
    what=$1
    shift
    said=$("$wine" "$scratch/load.exe" "$@" 2>/dev/null) || die "$what: $said"
    echo "$what: $said"
}

# shellcheck disable=SC2086 # a list of names
{
    try "$version alone" $ours -
    try "after another build" "$usual/ggml-base.dll" "$usual/ggml.$version.dll" "$usual/llama.$version.dll" $ours
}
