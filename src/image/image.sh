#!/bin/sh
# Makes an archive for people without Java, for the platform of the JDK that is named: the command, its own Java with
# archives of the classes that it loads (CDS), shell completion and a manual page.
#
#   image.sh JAVA_HOME PLATFORM     writes target/image/expo-gguf-VERSION-PLATFORM/ and the archive beside it
set -eu
cd "$(dirname "$0")/../.."
java_home=$1
platform=$2
jar=target/expo-gguf.jar
version=$("$java_home/bin/java" -jar $jar --version | sed -n 's/^expo-gguf  *//p')
name=expo-gguf-$version-$platform
image=target/image/$name
rm -rf target/image
mkdir -p "$image/bin" "$image/lib" "$image/share/man/man1" "$image/share/bash-completion/completions"

# What the classes need, with the module for vectors, which is loaded when a command begins.
modules=$("$java_home/bin/jdeps" --ignore-missing-deps --multi-release 25 --print-module-deps $jar)
"$java_home/bin/jlink" --add-modules "$modules,jdk.incubator.vector" --strip-debug --no-header-files --no-man-pages \
    --compress zip-6 --output "$image/runtime" >/dev/null

cp $jar "$image/lib/"
cp LICENSE README.md "$image/"
"$java_home/bin/java" -cp $jar io.github.expogguf.launch.Packaged --java-options >"$image/lib/java.options"
case $platform in
    win-*) cp src/image/expo-gguf.cmd "$image/bin/" ;;
    *)
        cp src/image/expo-gguf "$image/bin/"
        chmod 755 "$image/bin/expo-gguf"
        ;;
esac

# The classes that a run with the demonstration's pair loads go into an archive, from which later starts map them.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
packed() {
    "$image/runtime/bin/java" "@$image/lib/java.options" "$@"
}
packed -XX:DumpLoadedClassList="$scratch/classes" -cp "$image/lib/expo-gguf.jar" io.github.expogguf.launch.Packaged \
    extrapolate --sft src/demo/guide-sft-f16.gguf --aligned src/demo/guide-dpo-20-f16.gguf --alpha 0.3 --type Q4_K_M \
    --quiet -o "$scratch/output.gguf" >"$scratch/log"
packed -Xshare:dump -XX:SharedClassListFile="$scratch/classes" -XX:SharedArchiveFile="$image/lib/expo-gguf.jsa" \
    -cp "$image/lib/expo-gguf.jar" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }

"$image/bin/expo-gguf" generate-completion >"$image/share/bash-completion/completions/expo-gguf"
src/image/man.sh "$image/bin/expo-gguf" >"$image/share/man/man1/expo-gguf.1"
(cd target/image && tar -czf "$name.tar.gz" "$name")

echo "target/image/$name.tar.gz: $(du -m "target/image/$name.tar.gz" | cut -f 1) MB, unpacked $(du -sm "$image" | cut -f 1) MB"
