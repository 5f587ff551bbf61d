package io.github.expogguf.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What answers have in common, also against a search of all subsequences. */
class AnswerLikenessTest {

    @ParameterizedTest
    @CsvSource({
        "a b c, a b c, 1",
        "a b c d, a c d e, 0.75",
        "a, b, 0",
        "a b, b a, 0.5",
        "'', '', 1",
        "a, '', 0",
        "\u4e00\u4e8c\u4e09, \u4e00\u4e09, 0.8"
    })
    void countsTheWordsOfTheLongestCommonSubsequence(String one, String other, double expected) {
        assertThat(AnswerLikeness.of(one, other)).isCloseTo(expected, within(1e-12));
        assertThat(AnswerLikeness.of(other, one)).isCloseTo(expected, within(1e-12));
    }

    @Test
    void isWhatTryingAllSubsequencesFinds() {
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            String[] one = words(random);
            String[] other = words(random);
            double expected = 2.0 * longest(one, other) / (one.length + other.length);

            assertThat(AnswerLikeness.of(String.join(" ", one), String.join(" ", other)))
                    .isCloseTo(expected, within(1e-12));
        }
    }

    private static String[] words(Random random) {
        return random.ints(1 + random.nextInt(8), 0, 3)
                .mapToObj(i -> "abc".substring(i, i + 1))
                .toArray(String[]::new);
    }

    private static int longest(String[] one, String[] other) {
        int longest = 0;
        for (int chosen = 0; chosen < 1 << one.length; chosen++) {
            int next = 0;
            int found = 0;
            for (int i = 0; i < one.length; i++) {
                if ((chosen >> i & 1) == 1) {
                    next = indexOf(other, one[i], next) + 1;
                    found = next == 0 ? -1 : found + 1;
                    if (found < 0) {
                        break;
                    }
                }
            }
            longest = Math.max(longest, found);
        }
        return longest;
    }

    private static int indexOf(String[] words, String word, int from) {
        int found = Arrays.asList(words).subList(from, words.length).indexOf(word);
        return found < 0 ? -1 : from + found;
    }

    @Test
    void answersAreComparedInTheirOrder() {
        Answer hello = new Answer(Prompt.of("?"), "hello you", 2, false);
        Answer bye = new Answer(Prompt.of("?"), "bye", 1, false);

        assertThat(AnswerLikeness.of(List.of(hello, bye), List.of(hello, hello)))
                .containsExactly(1, 0);
        assertThatThrownBy(() -> AnswerLikeness.of(List.of(hello), List.of()))
                .hasMessage("1 and 0 answers, expected as many");
    }
}
