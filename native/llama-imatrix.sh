#!/bin/sh
# Builds llama-imatrix from the pinned source, on the libraries of this machine that are fetched: what it computes with is
# what this program computes with, so that their files can be compared byte by byte. The program and the libraries come
# to build/llama-imatrix/bin. CMake compiles for some minutes.
#
# JOBS sets the number of compilers (default: 2).
set -eu
cd "$(dirname "$0")"
name=llama-imatrix.sh
. ./common.sh

need cmake "install CMake 3.18 or newer and a C++ compiler"
[ "$(uname -s)" = Linux ] || die "this works on Linux only"
./fetch.sh source
./fetch.sh "$(host_platform)"
place=$PWD/build/llama-imatrix
libraries=$PWD/build/$(host_platform)

mkdir -p "$place"
cmake -S llama-imatrix -B "$place" \
    -DSOURCE="$PWD/build/source" \
    -DLIBRARIES="$libraries" \
    -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_FLAGS_RELEASE="-O1 -DNDEBUG" \
    -DBUILD_SHARED_LIBS=OFF \
    >"$place/cmake.log" 2>&1 || die "cmake failed: $(tail -n 20 "$place/cmake.log")"
echo "$name: compiling llama-imatrix (progress in native/build/llama-imatrix/cmake.log)"
cmake --build "$place" --target llama-imatrix -j "${JOBS:-2}" >>"$place/cmake.log" 2>&1 ||
    die "the build failed, see native/build/llama-imatrix/cmake.log: $(tail -n 20 "$place/cmake.log")"
cp "$libraries"/*.so "$place/bin/"
