#!/bin/sh
# Embeds the installed artifacts (make artifacts, or mvn install) in an application, in all the ways that are in use,
# and asks the demonstration model a question. Prints a line for each; fails if an answer is wrong.
#
# What needs no installed artifact is in `make test`, too: two class loaders and the published libraries before ours
# (NeighboursTest), no home (ContainersTest), little heap (EmbeddingTest), eight conversations at a time
# (ChatServerTest), a backend on the class path that cannot be loaded (NativeLibraryTest).
#
#   run.sh JAVA_HOME PLATFORM      JAVA_HOME of a Java 25
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
java=$1/bin/java
platform=$2
consumer=$root/src/consumer
target=$consumer/target
work=$(mktemp -d)
service=
trap '[ -z "$service" ] || kill "$service"; rm -rf "$work"' EXIT
chmod 755 "$work"

cd "$consumer"
JAVA_HOME=$1 MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow" ${MVN:-mvn} -B -ntp -q package -Dplatform="$platform"
libraries=$(echo "$target"/libraries/*.jar | tr ' ' ':')
demo=$root/src/demo

question="Which city rules Chile?"

# ask NAME COMMAND...: runs the command with the application's arguments and looks for the answer
ask() {
    what=$1
    shift
    look "$what" 1 "$@" "$demo/guide-sft-f16.gguf" "$demo/guide-dpo-20-f16.gguf" 5 "$work/output.gguf" "$question"
}

# look NAME LINES COMMAND...: runs the command, and expects so many lines with the answer
look() {
    what=$1
    lines=$2
    shift 2
    if "$@" >"$work/out" 2>&1 && [ "$(grep -c Santiago "$work/out")" -ge "$lines" ]; then
        echo "ok      $what"
    else
        echo "FAILED  $what"
        sed 's/^/        /' "$work/out"
        exit 1
    fi
}

# native COMMAND...: runs it among the scripts that fetch
native() (
    cd "$root/native"
    name=run.sh
    . ./common.sh
    "$@"
)

published() {
    fetching Unpack "$(pinned "$platform" 3)" "$(pinned "$platform" 4)" "$work/published"
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
    look "two class loaders at a time, with a copy each" 2 "$java" $flags $vectors -cp "$target/classes:$libraries" \
        consumer.TwoCopies "$demo/guide-sft-f16.gguf" "$demo/guide-dpo-20-f16.gguf" 5 "$work/output.gguf" "$question"
    native published
    ask "the published libraries, loaded by another loader before" "$java" $flags $vectors \
        -cp "$target/classes:$libraries" consumer.BesidePublished "$work"/published/package/bins/*
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

    "$java" $flags $vectors -cp "$libraries" "$root/src/example/java/example/ServeChats.java" \
        "$demo/guide-sft-f16.gguf" 0 >"$work/service" 2>&1 &
    service=$!
    until grep -q '^http' "$work/service"; do
        kill -0 "$service" 2>/dev/null || { service=; cat "$work/service"; exit 1; }
        sleep 0.2
    done
    look "a service with eight clients" 8 "$java" -cp "$target/classes" consumer.EightClients \
        "$(grep '^http' "$work/service")" "$question"

    if [ "$platform" = linux-x64 ]; then
        "$root/native/fetch.sh" linux-x64-vulkan
        (cd "$root" && "$java" native/artifacts/NativeJar.java linux-x64-vulkan native/build target/classes \
            2026-01-01T00:00:00Z "$work/expo-gguf")
        ask "the artifact for Vulkan" "$java" $flags $vectors \
            -cp "$target/classes:$libraries:$work/expo-gguf-natives-linux-x64-vulkan.jar" consumer.Backends
        sed -n 's/^backend vulkan/        vulkan/p' "$work/out"
    else
        echo "not tried: the artifact for Vulkan, which there is for linux-x64"
    fi
}
