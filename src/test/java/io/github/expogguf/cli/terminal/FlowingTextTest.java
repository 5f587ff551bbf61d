package io.github.expogguf.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowingTextTest {

    private static final String ENGLISH = "Welcome, traveller! That would be Santiago (Chile), where it isn't 3.5 but"
            + " 1,000.25 % warmer: see \"C++\" & $5 at https://example.org/a_b?c=d for more.";

    /** In pieces of up to so many characters, as tokens come. */
    private static String flow(String text, int width, int column, int most) {
        Random random = new Random(1);
        FlowingText flowing = new FlowingText(width, column);
        StringBuilder shown = new StringBuilder();
        int[] characters = text.codePoints().toArray();
        for (int from = 0; from < characters.length; ) {
            int count = Math.min(characters.length - from, 1 + random.nextInt(most));
            shown.append(flowing.add(new String(characters, from, count)));
            from += count;
        }
        return shown.append(flowing.end()).toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 20, 1000})
    void linesAreThoseOfTheWholeText(int most) {
        for (int width = 31; width < 100; width++) { // the longest word has 31
            assertThat(flow(ENGLISH, width, 0, most).lines())
                    .containsExactlyElementsOf(Columns.ofWords(ENGLISH, width));
        }
    }

    @Test
    void theFirstLineBeginsBehindALabel() {
        String shown = flow(ENGLISH, 40, 10, 3);

        assertThat(("x".repeat(10) + shown).lines())
                .allSatisfy(line -> assertThat(Columns.width(line)).isLessThanOrEqualTo(40));
        assertThat(shown).startsWith("Welcome, traveller! That would\nbe ");
        assertThat(shown.replace('\n', ' ')).isEqualTo(ENGLISH);
        assertThat(flow("traveller", 12, 10, 3)).isEqualTo("\ntraveller");
    }

    @Test
    void nothingIsHeldBackButTheLastWord() {
        FlowingText flowing = new FlowingText(80, 0);

        assertThat(flowing.add("one two thr")).isEqualTo("one two");
        assertThat(flowing.add("ee")).isEmpty();
        assertThat(flowing.add(" ")).isEqualTo(" three");
        assertThat(flowing.add("four\n")).isEqualTo(" four\n");
        assertThat(flowing.add("well-kn")).isEmpty();
        assertThat(flowing.end()).isEqualTo("well-kn");
    }

    @Test
    void linesAndIndentsOfTheModelStay() {
        String code = "Like this:\n\n    for i in range(3):\n\tprint(i)\n";

        assertThat(flow(code, 40, 0, 3)).isEqualTo(code);
        assertThat(flow("a\tb", 9, 0, 1)).isEqualTo("a\tb");
        assertThat(flow("a\tb", 8, 0, 1)).isEqualTo("a\nb");
    }

    @Test
    void aWordThatIsLongerThanALineIsCut() {
        String word = "0123456789".repeat(5);

        assertThat(flow("a " + word + " b", 20, 0, 7))
                .isEqualTo("a\n01234567890123456789\n01234567890123456789\n0123456789 b");
    }

    /** A full stop or a comma of theirs never begins a line. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u6211\u4eec\u53bb\u57ce\u5e02\uff0c\u7136\u540e\u56de\u5bb6\u3002\u660e\u5929\u89c1\u3002",
                "\u4eca\u65e5\u306f\u3001\u6771\u4eac\u306b\u884c\u304d\u307e\u3059\u3002\u697d\u3057\u307f\u3067\u3059\u3002"
            })
    void scriptsWithoutBlanksAreBrokenBetweenCharacters(String text) {
        for (int width = 6; width < 40; width++) {
            String shown = flow(text, width, 0, 2);
            int most = width;

            assertThat(shown.replace("\n", "")).isEqualTo(text);
            assertThat(shown.lines().toList())
                    .allSatisfy(line -> assertThat(Columns.width(line)).isLessThanOrEqualTo(most))
                    .noneMatch(line -> List.of("\uff0c", "\u3002", "\u3001").contains(line.substring(0, 1)));
            assertThat(shown.lines().limit(shown.lines().count() - 1))
                    .allSatisfy(line -> assertThat(Columns.width(line)).isGreaterThanOrEqualTo(most - 3));
        }
    }

    @Test
    void koreanIsBrokenBetweenWords() {
        String text = "\ub3c4\uc2dc\ub97c \ub2e4\uc2a4\ub9ac\ub294 \uacf3\uc740 \uc5b4\ub514\uc785\ub2c8\uae4c";

        assertThat(flow(text, 16, 0, 1).replace('\n', ' ')).isEqualTo(text);
    }
}
