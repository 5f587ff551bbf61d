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

# npm_tarball SPEC INTEGRITY DIRECTORY: downloads a package into a directory, checks it, and prints the path
npm_tarball() {
    need npm "install Node.js 20 or newer, or build the libraries yourself (make native-source)"
    need node "npm needs it"
    need tar "it unpacks the packages"
    (cd "$3" && npm pack --loglevel=error "$1" >out 2>&1) || die "npm pack $1 failed: $(tail -n 5 "$3/out")"
    tarball=$(ls "$3"/*.tgz)
    actual=$(node -e '
        const data = require("fs").readFileSync(process.argv[1]);
        console.log("sha512-" + require("crypto").createHash("sha512").update(data).digest("base64"))' "$tarball")
    [ "$actual" = "$2" ] || die "$1: digest is $actual, expected $2"
    echo "$tarball"
}

# own_names DIRECTORY [BESIDE]: gives the libraries there names that no other build of llama.cpp has, or those that the
# libraries of another directory got (names/OwnNames.java)
own_names() {
    java_25=$("${JAVA:-java}" ../src/main/java/io/github/expogguf/launch/JavaSearch.java) ||
        die "the libraries are given names of their own by a Java program, which needs a JDK of 25 or newer"
    "$java_25/bin/java" names/OwnNames.java "$@" >/dev/null || die "the libraries in $1 cannot be given names of their own"
}

sha256() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# list_files DIRECTORY ORIGIN VERSION: what files.txt says: lines of origin and version, then sha256, bytes and name of
# each file
list_files() {
    echo "# $2"
    [ -z "$3" ] || echo "# llama.cpp $3"
    (
        cd "$1"
        LC_ALL=C ls | while read -r file; do
            [ "$file" = files.txt ] || printf '%s %d %s\n' "$(sha256 <"$file" | cut -c 1-64)" "$(wc -c <"$file")" "$file"
        done
    )
}

# complete DIRECTORY: whether files.txt there lists exactly the files that are there, with their digests; leaves its
# first lines in `origin` and `version`, which was not always there
complete() {
    [ -f "$1/files.txt" ] || return 1
    origin=$(sed -n '1s/^# //p' "$1/files.txt")
    version=$(sed -n '2s/^# llama.cpp //p' "$1/files.txt")
    [ -n "$origin" ] && list_files "$1" "$origin" "$version" | cmp -s - "$1/files.txt"
}
