# Shared by fetch.sh and source.sh, which set `name` to their own. POSIX sh.

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

# pinned WHAT FIELD: a word of the line in pinned.txt that begins with WHAT
pinned() {
    awk -v what="$1" -v field="$2" '$1 == what { print $field }' pinned.txt
}

sha256() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# list_files DIRECTORY ORIGIN: what files.txt says: a line of origin, then sha256, bytes and name of each file
list_files() {
    echo "# $2"
    (
        cd "$1"
        LC_ALL=C ls | while read -r file; do
            [ "$file" = files.txt ] || printf '%s %d %s\n' "$(sha256 <"$file" | cut -c 1-64)" "$(wc -c <"$file")" "$file"
        done
    )
}

# complete DIRECTORY: whether files.txt there lists exactly the files that are there, with their digests
complete() {
    [ -f "$1/files.txt" ] || return 1
    origin=$(sed -n '1s/^# //p' "$1/files.txt")
    [ -n "$origin" ] && list_files "$1" "$origin" | cmp -s - "$1/files.txt"
}
