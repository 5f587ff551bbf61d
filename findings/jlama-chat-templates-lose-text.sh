#!/usr/bin/env bash
# Versions: Maven com.github.tjake:jlama-core:0.8.4 (with jinjava 2.7.2), Java 25 on Linux.
#
# Jlama evaluates chat templates with jinjava, a relative of Jinja for web pages, and a template that transformers
# evaluates as meant gives another prompt there, without a message: the condition of a loop, `break` and `continue` do
# nothing, so that messages that a template leaves out are sent; an expression with `rstrip()` or `startswith()` gives
# nothing, so that a message whose text is stripped on its right is lost; `split` takes a regular expression; `[::-1]`
# is empty, the `else` of a loop is taken in every turn, and a blank before a block in the middle of a line vanishes.
#
# Output seen, for a system, a user's, an assistant's and another user's message (the last column is what Python's
# jinja2 gives with the settings of transformers, trim_blocks and lstrip_blocks):
#   for-if: "system user assistant user ", jinja2 "user assistant user "
#   continue: "system user assistant user ", jinja2 "user assistant user "
#   break: "system user assistant user ", jinja2 "system "
#   else: "system noneuser noneassistant noneuser none", jinja2 "system user assistant user "
#   rstrip: "", jinja2 "[Be brief.][Why?][Thus.][Ah.]"
#   startswith: "no", jinja2 "yes"
#   split: "", jinja2 "Be brief"
#   reversed: "", jinja2 "user assistant user system "
#   blank: "On:x.", jinja2 "On: x."
# Exits 1 if one of these results changes. Needs mvn, and a JDK of 21 or newer in JAVA_HOME, on the PATH or in
# /usr/lib/jvm.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

java=
for candidate in "${JAVA_HOME:-}/bin/java" "$(command -v java)" /usr/lib/jvm/*/bin/java; do
    version=$("$candidate" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' || true)
    if [ "${version:-0}" -ge 21 ]; then java=$candidate; break; fi
done
[ -n "$java" ] || { echo "no JDK of 21 or newer"; exit 1; }

cat > pom.xml <<'P'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.github.tjake</groupId>
      <artifactId>jlama-core</artifactId>
      <version>0.8.4</version>
    </dependency>
  </dependencies>
</project>
P
mvn -q -B -ntp org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=libraries

cat > Prompts.java <<'J'
import com.github.tjake.jlama.safetensors.prompt.PromptSupport;
import com.github.tjake.jlama.safetensors.tokenizer.TokenizerModel;
import java.util.List;
import java.util.Map;

public class Prompts {
    /** What is tried, its template, what Jlama makes of it, what Python's jinja2 does. */
    record Case(String name, String template, String seen, String python) {}

    private static final List<Case> CASES = List.of(
            new Case("for-if", "{% for m in messages if m.role != 'system' %}{{ m.role + ' ' }}{% endfor %}",
                    "system user assistant user ", "user assistant user "),
            new Case("continue",
                    "{% for m in messages %}{% if m.role == 'system' %}{% continue %}{% endif %}{{ m.role + ' ' }}{% endfor %}",
                    "system user assistant user ", "user assistant user "),
            new Case("break",
                    "{% for m in messages %}{{ m.role + ' ' }}{% break %}{% endfor %}",
                    "system user assistant user ", "system "),
            new Case("else", "{% for m in messages %}{{ m.role + ' ' }}{% else %}none{% endfor %}",
                    "system noneuser noneassistant noneuser none", "system user assistant user "),
            new Case("rstrip", "{% for m in messages %}{{ '[' + m.content.rstrip() + ']' }}{% endfor %}",
                    "", "[Be brief.][Why?][Thus.][Ah.]"),
            new Case("startswith", "{% if messages[0].content.startswith('Be') %}yes{% else %}no{% endif %}",
                    "no", "yes"),
            new Case("split", "{{ messages[0].content.split('.')[0] }}", "", "Be brief"),
            new Case("reversed", "{% for m in messages[::-1] %}{{ m.role + ' ' }}{% endfor %}",
                    "", "user assistant user system "),
            new Case("blank", "On: {% if true %}x{% endif %}.", "On:x.", "On: x."));

    public static void main(String[] arguments) {
        boolean changed = false;
        for (Case tried : CASES) {
            TokenizerModel tokenizer =
                    new TokenizerModel("BPE", null, false, false, Map.of("<s>", 0L, "</s>", 1L), false, List.of());
            tokenizer.setPromptTemplates(Map.of("default", tried.template()));
            tokenizer.setBosToken("<s>");
            tokenizer.setEosToken("</s>");
            String text = new PromptSupport(tokenizer)
                    .builder()
                    .addSystemMessage("Be brief.")
                    .addUserMessage("Why?")
                    .addAssistantMessage("Thus.")
                    .addUserMessage("Ah.")
                    .build()
                    .getPrompt();
            System.out.printf("%s: \"%s\", jinja2 \"%s\"%n", tried.name(), text, tried.python());
            changed |= !text.equals(tried.seen());
        }
        System.exit(changed ? 1 : 0);
    }
}
J
"$java" -cp 'libraries/*' Prompts.java 2> messages || { cat messages; echo "changed: see the output above"; exit 1; }
