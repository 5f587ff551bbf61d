package io.github.expogguf.convert.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.convert.gather.Part;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleTextTest {

    @Test
    void everyRuleIsUnderstood() {
        assertThat(RuleText.ALL.rules()).containsKeys(RuleText.EVERY, "llama", "qwen35", "gpt-oss");
        assertThat(RuleText.ALL.rules(RuleText.EVERY)).hasSizeGreaterThan(400);
        assertThat(RuleText.ALL.prefixes()).contains("", "model.").doesNotHaveDuplicates();
        assertThat(RuleText.ALL.unused()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a < b split(0, 2)",
                "a < b split(0, *, *)",
                "a < b split(x, 2, 2)",
                "a < b turn(0, 1)",
                "a < b take(0, 1)",
                "a < b plus()",
                "a < b unless %",
                "a < b times(1 +)",
                "a < b times(1) and more",
                "a < b take(0, (1, 2)",
                "a < ",
                "a b",
                "a < b%c",
                "a < b or",
                "a < each H : b",
            })
    void lineThatIsNotUnderstoodIsNamed(String line) {
        assertThatThrownBy(() -> RuleText.read("# comment\n\n[llama]\n" + line))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("rules.txt, line 4: ")
                .hasMessageEndingWith(": " + line.strip());
    }

    @Test
    void ruleBeforeTheFirstHeadingIsRefused() {
        assertThatThrownBy(() -> RuleText.read("a < b"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("rules.txt, line 1: before the first heading: a < b");
    }

    @Test
    void sourcesFollowEachOtherForEachOfALoop() {
        RuleText text = RuleText.read("""
                prefixes -
                [one two]
                t.N < each H heads:
                 s.N.H take(0, 0, 1) ; u.N.H
                 or s.N
                """);
        NumberSource numbers = (name, index) -> OptionalDouble.of(2);
        Map<String, long[]> shapes = Map.of(
                "s.5.0", new long[] {3}, "u.5.0", new long[] {1}, "s.5.1", new long[] {3}, "u.5.1", new long[] {1});

        assertThat(RuleBook.of(text, "two").formulas("t.5"))
                .hasSize(2)
                .first()
                .satisfies(formula -> assertThat(formula.bind(4, name -> Optional.ofNullable(shapes.get(name)), numbers)
                                .orElseThrow()
                                .parts())
                        .extracting(Part::source)
                        .containsExactly("s.5.0", "u.5.0", "s.5.1", "u.5.1"));
        assertThat(RuleBook.of(text, "three").formulas("t.5")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1 + 2 * 3, 7",
        "(1 + 2) * 3, 9",
        "10 - 2 - 3, 5",
        "12 / 2 / 3, 2",
        "missing | 4, 4",
        "missing | a.b | 4, 8",
        "missing + 1,",
        "a.b - N, 6",
        "c[1] * 2, 2",
        "c, 2",
        "1.5, 1.5",
        "1 / 0, Infinity",
    })
    void expressions(String text, Double value) {
        NumberSource numbers = (name, index) -> switch (name) {
            case "a.b" -> OptionalDouble.of(8);
            case "c" -> OptionalDouble.of(index);
            default -> OptionalDouble.empty();
        };

        OptionalDouble found = ExpressionReader.read(text).value(Scope.of(numbers, Map.of("N", 2L)));

        assertThat(found).isEqualTo(value == null ? OptionalDouble.empty() : OptionalDouble.of(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "0 - 1", "1 / 0", "0 / 0", "9007199254740992 * 2", "missing"})
    void whatIsNoSizeHasNone(String text) {
        Scope scope = Scope.of((_, _) -> OptionalDouble.empty(), Map.of());

        assertThat(ExpressionReader.read(text).size(scope)).isEmpty();
        assertThat(ExpressionReader.read("4 / 2").size(scope)).hasValue(2);
    }
}
