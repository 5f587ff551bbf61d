package io.github.expogguf.convert.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names with places for numbers, beside regular expressions. */
class NamePatternTest {

    private static final List<String> PARTS =
            List.of("blk", "bl", "0", "7", "07", "123456789", "1234567890", "-1", "\u0663", "weight", "bias", "N", "");

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "blk.N.S; blk\\.(?<N>0|[1-9][0-9]{0,8})\\.(?<S>weight|bias)",
                "N; (?<N>0|[1-9][0-9]{0,8})",
                "blk; blk",
                "blk.N.E; blk\\.(?<N>0|[1-9][0-9]{0,8})\\.(?<E>0|[1-9][0-9]{0,8})",
                "blk.{N+1}.S; (?!)",
                "H.weight.S; (?<H>0|[1-9][0-9]{0,8})\\.weight\\.(?<S>weight|bias)",
            })
    void matchesAsARegularExpression(String text, String expression) {
        NamePattern pattern = new NamePattern(text);
        Pattern expected = Pattern.compile(expression);
        int matched = 0;
        for (String name : names()) {
            Matcher matcher = expected.matcher(name);
            Optional<Map<String, Long>> found = pattern.match(NamePattern.parts(name));
            assertThat(found.isPresent()).as(name).isEqualTo(matcher.matches());
            if (found.isPresent()) {
                assertThat(found.get()).as(name).isEqualTo(values(matcher));
                matched++;
            }
        }
        assertThat(matched > 0).isEqualTo(!expression.equals("(?!)"));
    }

    @Test
    void aVariableStandsOnce() {
        assertThatThrownBy(() -> new NamePattern("blk.N.N")).hasMessage("twice in a name: 'N'");
    }

    private static Map<String, Long> values(Matcher matcher) {
        Map<String, Long> values = new HashMap<>();
        for (String variable : matcher.namedGroups().keySet()) {
            String found = matcher.group(variable);
            values.put(variable, variable.equals("S") ? (found.equals("bias") ? 1L : 0L) : Long.parseLong(found));
        }
        return values;
    }

    /** Of one to four parts. */
    private static List<String> names() {
        List<String> all = new ArrayList<>(PARTS);
        for (int from = 0, round = 0; round < 3; round++) {
            int to = all.size();
            for (int i = from; i < to; i++) {
                for (String part : PARTS) {
                    all.add(all.get(i) + "." + part);
                }
            }
            from = to;
        }
        return all;
    }
}
