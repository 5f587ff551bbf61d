package io.github.expogguf.infer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random templates, and how they are made smaller. */
final class TemplateGrammarTest {

    @TempDir
    private Path directory;

    private TemplateGrammar grammar(String... lines) throws IOException {
        return TemplateGrammar.read(Files.write(directory.resolve("grammar.txt"), List.of(lines)));
    }

    @Test
    void theSameSeedGivesTheSameTemplate() throws IOException {
        TemplateGrammar grammar = grammar("Template = $Template$Template", "Template = a", "Template = b");
        List<String> templates = texts(grammar);
        assertThat(texts(grammar)).isEqualTo(templates);
        assertThat(new HashSet<>(templates)).hasSizeGreaterThan(5);
    }

    private static List<String> texts(TemplateGrammar grammar) {
        return LongStream.range(0, 40)
                .mapToObj(seed -> grammar.generate(seed).text())
                .toList();
    }

    @Test
    void readsNamesCharactersAndWhatMayBeLeftOut() throws IOException {
        TemplateGrammar grammar = grammar("# a comment", "", "Template = x${W}x&#x85;$W", "W = w«($E«, $E»)»", "E =");
        assertThat(grammar.generate(3).text()).matches("xw(\\((, )?\\))?x\u0085w(\\((, )?\\))?");
    }

    @Test
    void refusesWhatIsNoGrammar() {
        assertThatThrownBy(() -> grammar("Template = $missing")).hasMessage("no rule missing");
        assertThatThrownBy(() -> grammar("Template: x")).hasMessageContaining("not a rule: Template: x");
    }

    @Test
    void shrinksToTheSmallestThatKeepsTheProperty() throws IOException {
        TemplateGrammar grammar = grammar(
                "Template = {% if $e %}$Body{% endif %}$Body",
                "Body = text{{ $e«|upper» }}",
                "Body = {% for x in $e %}$Body{% endfor %}",
                "e = [$e, $e«, $e»]",
                "e = bad",
                "e = good");
        for (long seed = 0; seed < 50; seed++) {
            Piece template = grammar.generate(seed);
            if (template.text().contains("bad")) {
                Piece smallest = Shrinker.shrink(template, candidates -> firstWith("bad", candidates));
                assertThat(smallest.text())
                        .isIn("text{{ bad }}", "{% for x in bad %}{% endfor %}", "{% if bad %}{% endif %}");
            }
        }
    }

    private static int firstWith(String text, List<Piece> candidates) {
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).text().contains(text)) {
                return i;
            }
        }
        return -1;
    }
}
