#!/bin/sh
# Builds the llama.cpp libraries with CMake from the pinned source, for machines that no package serves and for people
# who do not want prebuilt binaries.
#
#   source.sh [DIRECTORY]   into DIRECTORY, or into build/PLATFORM of this machine, in place of the fetched ones
#
# CMAKE_ARGUMENTS adds options for CMake (say -DGGML_CUDA=ON), JOBS sets the number of compilers (default: 2).
set -eu
called_from=$PWD
cd "$(dirname "$0")"
name=source.sh
. ./common.sh

need cmake "install CMake 3.18 or newer and a C++ compiler"
./fetch.sh source

case ${1:-} in
    '') target=build/$(host_platform) ;;
    /*) target=$1 ;;
    *) target=$called_from/$1 ;;
esac
work=build/cmake

# One library for each kind of processor, as in the packages, where ggml knows how; elsewhere one for all. Never
# GGML_NATIVE: the result would not run on a lesser processor than this one.
case $(uname -m) in
    x86_64 | amd64 | aarch64 | arm64) variants=ON ;;
    *) variants=OFF ;;
esac
case $(uname -s) in
    Darwin) origin=@loader_path ;;
    *) origin='$ORIGIN' ;;
esac

# CMAKE_PLATFORM_NO_VERSIONED_SONAME: libggml.so instead of two links and libggml.so.0.25.1; a jar has no links
# shellcheck disable=SC2086 # several options in one variable
cmake -S build/source -B "$work" \
    -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PLATFORM_NO_VERSIONED_SONAME=ON \
    -DCMAKE_INSTALL_RPATH="$origin" \
    -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON \
    -DBUILD_SHARED_LIBS=ON \
    -DGGML_BACKEND_DL=ON \
    -DGGML_CPU_ALL_VARIANTS=$variants \
    -DGGML_NATIVE=OFF \
    -DGGML_OPENMP=OFF \
    -DGGML_CCACHE=OFF \
    -DLLAMA_BUILD_IS_DEV=OFF \
    -DLLAMA_BUILD_COMMON=OFF \
    -DLLAMA_BUILD_TESTS=OFF \
    -DLLAMA_BUILD_TOOLS=OFF \
    -DLLAMA_BUILD_EXAMPLES=OFF \
    -DLLAMA_BUILD_SERVER=OFF \
    -DLLAMA_BUILD_APP=OFF \
    ${CMAKE_ARGUMENTS:-} >build/cmake.log 2>&1 || die "cmake failed: $(tail -n 20 build/cmake.log)"
echo "$name: compiling, which takes some minutes (progress in native/build/cmake.log)"
cmake --build "$work" --config Release -j "${JOBS:-2}" >>build/cmake.log 2>&1 ||
    die "the build failed, see native/build/cmake.log: $(tail -n 20 build/cmake.log)"

fresh=$(mktemp -d build/.source.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$fresh"
find "$work/bin" -type f \( -name '*.so' -o -name '*.dylib' -o -name '*.dll' \) -exec cp {} "$fresh/" \;
for part in ggml-base ggml llama; do
    ls "$fresh" | grep -Eq "^(lib)?$part\.(so|dylib|dll)$" || die "the build made no $part library, see native/build/cmake.log"
done
llama=$(pinned version 2)
fetching Adopt "$fresh" "llama.cpp $llama built from source" "$llama"
rm -rf "$target"
mv "$fresh" "$target"
echo "$name: ${target#"$PWD"/} from llama.cpp $llama"
