#!/bin/sh
# Asks Maven which libraries it would pack on each of the six platforms, of which it is told that it runs there.
#
#   platforms.sh [MVN]
set -eu
cd "$(dirname "$0")/.."
maven=${1:-mvn}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Without jansi, which colours and would load a library for Windows.
home=$("$maven" -B -version | sed -n 's/^Maven home: //p')
cp -RL "$home" "$scratch/maven"
rm -f "$scratch/maven/lib/"jansi*.jar

# expect PLATFORM OS ARCHITECTURE: as Java names the latter two there
expect() {
    found=$(JDK_JAVA_OPTIONS="'-Dos.name=$2' -Dos.arch=$3" "$scratch/maven/bin/mvn" -B -ntp \
        org.apache.maven.plugins:maven-help-plugin:3.5.1:evaluate -Dexpression=platform -DforceStdout 2>&1 |
        grep -E '^[a-z]+-[a-z0-9]+$' || true)
    [ "$found" = "$1" ] || {
        echo "platforms.sh: on $2 ($3) Maven packs '$found', expected $1" >&2
        exit 1
    }
    echo "$2, $3: $found"
}

expect linux-x64 Linux amd64
expect linux-arm64 Linux aarch64
expect mac-x64 'Mac OS X' x86_64
expect mac-arm64 'Mac OS X' aarch64
expect win-x64 'Windows 11' amd64
expect win-arm64 'Windows 11' aarch64
