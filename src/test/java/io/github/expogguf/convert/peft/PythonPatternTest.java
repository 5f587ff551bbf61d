package io.github.expogguf.convert.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Beside what Python 3.11 says to {@code re.fullmatch(pattern, name)}. */
class PythonPatternTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '`',
            value = {
                "q_proj q_proj true",
                "(?P<a_b>q)_(?P<c>p)roj q_proj true",
                "(?P<a>q)(?P=a) qq true",
                "(?P<a>q)(?P=a) qk false",
                "(?P<a>.)\\1 qq true",
                "(?#x)q q true",
                "(?:q|k)_proj\\Z k_proj true",
                "\\Aq q true",
                "[q[]x [x true",
                "[]q]x ]x true",
                "[^]q]x ]x false",
                "[^]q]x ax true",
                "[a&&b]+ a&b true",
                "[a&&b]+ c false",
                "[\\d\\w_-]+ a-1 true",
                "[a^]+ ^a true",
                "a{,2}b aab true",
                "a{,2}b aaab false",
                "a{2}b aab true",
                "a{1,}b aaab true",
                "a{,}b aaab true",
                "a{x}b a{x}b true",
                "a{}b a{}b true",
                "a{b a{b true",
                "(?i)Q q true",
                "(?i:Q)k qk true",
                "(?i:Q)k qK false",
                "(?>a+)ab aaab false",
                "(?!k)\\w_proj q_proj true",
                "(?!k)\\w_proj k_proj false",
                "(?<=q)_x _x false",
                "q(?<=q)_x q_x true",
                "q(?<!k)_x q_x true",
                "\\x71\\u0071 qq true",
                "\\w+ é true",
                "\\d ٣ true",
                "a\\.b axb false",
                "a\\-b a-b true",
                "a*+a aaa false",
                "layers\\.(\\d+)\\.[qk]_proj layers.12.k_proj true"
            })
    void matchesWhatPythonDoes(String pattern, String name, boolean isMatched) {
        assertThat(BoundedMatch.matches(new PythonPattern(pattern).inJava(), name))
                .isEqualTo(isMatched);
    }

    /** Python refuses all but the first three, too. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '`',
            value = {
                "(a)?(?(1)b|c) (?(1",
                "\\N{DASH} \\N",
                "(a)\\01 \\0",
                "(?<a>x) (?<a",
                "(?P<a>x)(?P<a>y) (?P<a>",
                "(?P=a) (?P=a)",
                "(?P<a)x) (?P<a)",
                "x(?i)q (?i)",
                "(?L:a) (?L:",
                "\\p{L} \\p",
                "\\k<a> \\k",
                "\\Qa \\Q",
                "a\\ \\",
                "[a [a",
                "[\\B] \\B"
            })
    void namesWhatItDoesNotRead(String pattern, String construct) {
        assertThatThrownBy(() -> new PythonPattern(pattern).inJava())
                .isInstanceOf(PatternSyntaxException.class)
                .extracting(refusal -> ((PatternSyntaxException) refusal).getDescription())
                .isEqualTo("what begins with '" + construct + "' is not read");
    }
}
