# Shared by the scripts beside it, which set `name` to their own. POSIX sh.

die() {
    echo "$name: $*" >&2
    exit 1
}

need() {
    command -v "$1" >/dev/null 2>&1 || die "no $1 on the PATH: $2"
}

# The platform of this machine in our names, which are the directories in build/ and in the jar.
host_platform() {
    case $(uname -s) in
        Linux) os=linux ;;
        Darwin) os=mac ;;
        MINGW* | MSYS* | CYGWIN*) os=win ;;
        *) die "no llama.cpp libraries are pinned for $(uname -s)" ;;
    esac
    case $(uname -m) in
        x86_64 | amd64) arch=x64 ;;
        aarch64 | arm64) arch=arm64 ;;
        *) die "no llama.cpp libraries are pinned for $(uname -m)" ;;
    esac
    echo "$os-$arch"
}

# pinned WHAT FIELD [VERSION]: a word of the first line in pinned.txt that begins with WHAT, and is of this llama.cpp
pinned() {
    awk -v what="$1" -v field="$2" -v version="${3:-}" \
        '$1 == what && (version == "" || $2 == version) { print $field; exit }' pinned.txt
}

# versions: those of llama.cpp in the range, the pinned one first
versions() {
    awk '$1 == "version" { print $2 }' pinned.txt
}

# fetching PROGRAM ARGUMENT...: runs a program of fetch/ on a Java that can
fetching() {
    java_25=$("${JAVA:-java}" ../src/main/java/io/github/expogguf/launch/JavaSearch.java) ||
        die "what fetches is a Java program, which needs a JDK of 25 or newer"
    program=$1
    shift
    "$java_25/bin/java" -XX:TieredStopAtLevel=1 "fetch/$program.java" "$@"
}
