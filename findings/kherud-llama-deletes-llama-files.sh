#!/bin/bash
# Versions: Maven de.kherud:llama:4.2.0; Java 17 and 25; Linux, x86-64.
#
# When the binding loads its native library, it deletes every file in java.io.tmpdir whose name begins with "llama" or
# "jllama", its own or not: a model that was downloaded there is gone.
#
#   before: jllama-notes.txt llama-3-8b-q4.gguf my-llama.gguf
#   after: my-llama.gguf
#
# Exits 1 if the files are kept. Needs mvn, java, javac.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >pom.xml <<'P'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>de.kherud</groupId>
      <artifactId>llama</artifactId>
      <version>4.2.0</version>
    </dependency>
  </dependencies>
</project>
P
mvn -q -B -ntp org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=libraries

cat >Load.java <<'J'
public class Load {
    public static void main(String[] arguments) throws Exception {
        Class.forName("de.kherud.llama.LlamaModel"); // its static initializer loads the library
    }
}
J
javac Load.java
mkdir temporary
touch temporary/llama-3-8b-q4.gguf temporary/jllama-notes.txt temporary/my-llama.gguf

files() { (cd temporary && LC_ALL=C ls | grep -v '^libjllama' | tr '\n' ' ' | sed 's/ $//'); }

before=$(files)
java -Djava.io.tmpdir="$work/temporary" -cp "libraries/*:." Load >out 2>&1 || { cat out; exit 1; }
after=$(files)
printf 'before: %s\nafter: %s\n' "$before" "$after"
[ "$after" = my-llama.gguf ] || { echo "changed: which files are deleted"; exit 1; }
