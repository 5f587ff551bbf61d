#!/bin/sh
# Puts the command on the PATH of people who have Java: install.sh JAVA PREFIX; JAVA is the program, of any version.
set -eu
cd "$(dirname "$0")/../.."
java=$1
prefix=$2
mkdir -p "$prefix/bin" "$prefix/share/expo-gguf" "$prefix/share/man/man1" "$prefix/share/bash-completion/completions"
prefix=$(cd "$prefix" && pwd)
cp target/expo-gguf.jar LICENSE "$prefix/share/expo-gguf/"
cat >"$prefix/bin/expo-gguf" <<END
#!/bin/sh
exec \${JAVA:-$java} -jar '$prefix/share/expo-gguf/expo-gguf.jar' "\$@"
END
chmod 755 "$prefix/bin/expo-gguf"
"$prefix/bin/expo-gguf" generate-completion >"$prefix/share/bash-completion/completions/expo-gguf"
src/image/man.sh "$prefix/bin/expo-gguf" >"$prefix/share/man/man1/expo-gguf.1"
echo "$prefix/bin/expo-gguf, its manual page and shell completion are installed"
case :$PATH: in
    *":$prefix/bin:"*) ;;
    *) echo "$prefix/bin is not on the PATH: add it, as with  export PATH=\"$prefix/bin:\$PATH\"" ;;
esac
