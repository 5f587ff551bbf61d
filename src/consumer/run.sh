#!/bin/sh
# Embeds the installed artifacts (make artifacts, or mvn install) in an application, in all the ways that are in use,
# and asks the demonstration model a question. Prints a line for each; fails if an answer is wrong.
#
#   run.sh JAVA_HOME PLATFORM      JAVA_HOME of a Java 25
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
java=$1/bin/java
platform=$2
consumer=$root/src/consumer
target=$consumer/target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

cd "$consumer"
JAVA_HOME=$1 MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow" ${MVN:-mvn} -B -ntp -q package -Dplatform="$platform"
libraries=$(echo "$target"/libraries/*.jar | tr ' ' ':')
demo=$root/src/demo

# ask NAME COMMAND...: runs the command with the application's arguments and looks for the answer
ask() {
    what=$1
    shift
    if "$@" "$demo/guide-sft-f16.gguf" "$demo/guide-dpo-20-f16.gguf" 5 "$work/output.gguf" "Which city rules Chile?" \
        >"$work/out" 2>&1 && grep -q Santiago "$work/out"; then
        echo "ok      $what"
    else
        echo "FAILED  $what"
        sed 's/^/        /' "$work/out"
        exit 1
    fi
}

flags="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
vectors="--add-modules jdk.incubator.vector"
# shellcheck disable=SC2086 # several options in one variable
{
    ask "class path" "$java" $flags $vectors -cp "$target/classes:$libraries" consumer.Consumer
    ask "class path, without the vector module" "$java" $flags -cp "$target/classes:$libraries" consumer.Consumer
    ask "module path" "$java" --enable-native-access=io.github.expogguf $vectors \
        -p "$target/classes:$libraries" -m consumer/consumer.Consumer
    ask "all in one jar" "$java" $flags $vectors -jar "$target/shaded.jar"
    ask "jars in a jar" "$java" $flags $vectors -jar "$target/consumer-1-nested.jar"
    ask "a heap of 64 MB" "$java" -Xmx64m $flags $vectors -cp "$target/classes:$libraries" consumer.Consumer
    neighbour=$(echo "$target"/neighbour/*.jar | tr ' ' ':')
    for when in before after; do # it deletes files that begin with llama from the temporary directory
        ask "beside de.kherud:llama 4.2.0, loaded $when" "$java" $flags $vectors -Djava.io.tmpdir="$work" \
            -cp "$target/classes:$libraries:$neighbour" consumer.BesideAnother $when
    done
    if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
        chmod 777 "$work"
        rm -f "$work/output.gguf"
        ask "a user without a home" setpriv --reuid 54321 --regid 54321 --clear-groups \
            env -u HOME -u XDG_CACHE_HOME "$java" $flags $vectors -cp "$target/classes:$libraries" consumer.Consumer
    else
        echo "not tried: a user without a home (needs root and setpriv)"
    fi
}
