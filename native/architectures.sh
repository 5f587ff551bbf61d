#!/bin/sh
# Makes random models of every architecture that llama.cpp has, two of each, with what its own test-llama-archs.cpp knows
# of them: build/architectures/models/1/NAME.gguf and 2/NAME.gguf, a gigabyte in all. CMake compiles llama.cpp once, from
# the pinned source, which takes some minutes.
#
# JOBS sets the number of compilers (default: 2).
set -eu
cd "$(dirname "$0")"
name=architectures.sh
. ./common.sh

need cmake "install CMake 3.18 or newer and a C++ compiler"
version=$(versions | sed -n 1p)
./fetch.sh source
place=$PWD/build/architectures
commit=$(git -C build/source rev-parse HEAD)

# As it was published: with the patches of the package, models that come from no file lack every optional tensor.
if [ "$(cat "$place/commit" 2>/dev/null)" != "$commit" ]; then
    rm -rf "$place"
    mkdir -p "$place/source"
    git -C build/source archive HEAD | tar -x -C "$place/source"
    echo "$commit" >"$place/commit"
fi

# The target that is there becomes our program, which includes its source: so it gets the same flags and libraries.
target=$place/source/tests/CMakeLists.txt
grep -q 'architectures\.cpp' "$target" || cat >>"$target" <<'END'
add_executable(architectures ${ARCHITECTURES_SOURCE}/architectures.cpp)
target_include_directories(architectures PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(architectures PRIVATE llama-common)
END
cmake -S "$place/source" -B "$place/cmake" \
    -DARCHITECTURES_SOURCE="$PWD" \
    -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_FLAGS_RELEASE="-O1 -DNDEBUG" \
    -DCMAKE_C_FLAGS_RELEASE="-O1 -DNDEBUG" \
    -DBUILD_SHARED_LIBS=OFF \
    -DGGML_NATIVE=OFF \
    -DGGML_OPENMP=OFF \
    -DGGML_CCACHE=OFF \
    -DLLAMA_OPENSSL=OFF \
    -DLLAMA_BUILD_COMMON=ON \
    -DLLAMA_BUILD_TESTS=ON \
    -DLLAMA_BUILD_TOOLS=OFF \
    -DLLAMA_BUILD_EXAMPLES=OFF \
    -DLLAMA_BUILD_SERVER=OFF \
    -DLLAMA_BUILD_APP=OFF \
    >"$place/cmake.log" 2>&1 || die "cmake failed: $(tail -n 20 "$place/cmake.log")"
echo "$name: compiling llama.cpp $version (progress in native/build/architectures/cmake.log)"
cmake --build "$place/cmake" --target architectures -j "${JOBS:-2}" >>"$place/cmake.log" 2>&1 ||
    die "the build failed, see native/build/architectures/cmake.log: $(tail -n 20 "$place/cmake.log")"

program=$(find "$place/cmake/bin" -type f -name 'architectures*' | head -n 1)
rm -rf "$place/models"
mkdir -p "$place/models/1" "$place/models/2"
made=0
for model in $("$program"); do
    if GGML_NO_BACKTRACE=1 "$program" "$model" 1 "$place/models/1/$model.gguf" >"$place/model.log" 2>&1; then
        "$program" "$model" 2 "$place/models/2/$model.gguf" >"$place/model.log" 2>&1
        made=$((made + 1))
    else
        rm -f "$place/models/1/$model.gguf"
        echo "$name: llama.cpp's test has no usable $model: $(grep -v '^ *$' "$place/model.log" | head -n 1)"
    fi
done
echo "$name: $made models of llama.cpp $version, each twice, in native/build/architectures/models"
