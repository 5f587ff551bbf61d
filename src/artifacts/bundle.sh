#!/bin/sh
# Makes the file that is uploaded to Maven Central: every artifact of the local repository with its digests, and signed
# with the key that is named.
#
#   bundle.sh VERSION KEY      KEY of gpg; writes target/expo-gguf-VERSION-bundle.zip
set -eu
cd "$(dirname "$0")/../.."
version=$1
key=$2
group=io/github/expogguf
repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}/$group
bundle=target/bundle
rm -rf "$bundle" "target/expo-gguf-$version-bundle.zip"
for artifact in expo-gguf expo-gguf-platform expo-gguf-cli; do
    mkdir -p "$bundle/$group/$artifact/$version"
    for file in "$repository/$artifact/$version"/*.jar "$repository/$artifact/$version"/*.pom; do
        [ ! -f "$file" ] || cp "$file" "$bundle/$group/$artifact/$version/"
    done
done
# Central wants sources and javadoc beside every jar: those of the library are the larger part of the command's.
command=$bundle/$group/expo-gguf-cli/$version/expo-gguf-cli-$version
for kind in sources javadoc; do
    cp "$bundle/$group/expo-gguf/$version/expo-gguf-$version-$kind.jar" "$command-$kind.jar"
done
find "$bundle" -type f | LC_ALL=C sort | while read -r file; do
    gpg --batch --yes --armor --local-user "$key" --detach-sign "$file"
    for digest in md5 sha1; do
        "${digest}sum" <"$file" | cut -d ' ' -f 1 | tr -d '\n' >"$file.$digest"
    done
done
"$JAVA_HOME/bin/jar" --create --no-manifest --file "target/expo-gguf-$version-bundle.zip" -C "$bundle" io
echo "target/expo-gguf-$version-bundle.zip: $(find "$bundle" -name '*.asc' | wc -l) files, signed; upload it in the Central Portal"
