package io.github.expogguf.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatternBudgetTest {

    private static boolean finds(String expression, String name) {
        return new PatternBudget("--rule").finds(Pattern.compile(expression), name);
    }

    @Test
    void findsWhatAPatternFinds() {
        PatternBudget budget = new PatternBudget("--tensor-type");

        for (int i = 0; i < 10_000; i++) {
            assertThat(budget.finds(Pattern.compile("attn_[qv]\\.weight$"), "blk." + i + ".attn_q.weight")).isTrue();
            assertThat(budget.finds(Pattern.compile("^attn"), "blk.0.attn_q.weight")).isFalse();
        }
    }

    /** Random expressions over a small alphabet, with java.util.regex as the oracle. */
    @Test
    void agreesWithTheJdkOnWhateverBothUnderstand() {
        Random random = new Random(11);
        int found = 0;
        int compared = 0;
        while (compared < 8_000) {
            String expression = expression(random, 3);
            Pattern pattern;
            try {
                pattern = Pattern.compile(expression);
            } catch (PatternSyntaxException e) {
                continue;
            }
            String name = random.ints(random.nextInt(7), 0, 6).mapToObj(i -> "aab1._".substring(i, i + 1)).reduce("", String::concat);
            boolean expected = pattern.matcher(name).find();
            assertThat(finds(expression, name)).as("%s in '%s'", expression, name).isEqualTo(expected);
            found += expected ? 1 : 0;
            compared++;
        }
        assertThat(found).isBetween(compared / 5, compared * 4 / 5);
    }

    private static String expression(Random random, int depth) {
        if (depth == 0) {
            String[] atoms = {
                "a", "b", "1", "\\.", "_", ".", "[ab]", "[^a]", "[a-c1]", "[\\d_]", "[-a]", "[a-]", "\\d", "\\D", "\\w", "\\W",
                "\\s", "\\S", "\\b", "\\B", "^", "$", "a", "b", "1"
            };
            return atoms[random.nextInt(atoms.length)];
        }
        String inner = expression(random, depth - 1);
        return switch (random.nextInt(12)) {
            case 0 -> inner + "|" + expression(random, depth - 1);
            case 1 -> "(" + inner + ")*";
            case 2 -> "(" + inner + ")+?";
            case 3 -> "(?:" + inner + ")?";
            case 4 -> "(" + inner + "){2}";
            case 5 -> "(" + inner + "){1,3}";
            case 6 -> "(" + inner + "){2,}?";
            case 7 -> "(?=" + inner + ")";
            case 8 -> "(?!" + inner + ")" + expression(random, depth - 1);
            default -> inner + expression(random, depth - 1);
        };
    }

    @Test
    void caseIsIgnoredWhereThePatternSaysSo() {
        Pattern pattern = Pattern.compile("Attn_[Q-v]", Pattern.CASE_INSENSITIVE);

        assertThat(new PatternBudget("--rule").finds(pattern, "blk.0.aTTN_q")).isTrue();
        assertThat(new PatternBudget("--rule").finds(Pattern.compile("Attn"), "attn")).isFalse();
    }

    /** Each of these keeps java.util.regex busy for longer than anybody waits, or takes its stack. */
    @ParameterizedTest
    @ValueSource(strings = {"(.*a){12}b", "(|)", "(a*)*", "(a?|a?)", "(a??)*?", "((a?){20}){20}"})
    void expressionsThatTryForYearsAreAnswered(String part) {
        String expression = part.repeat(60 / part.length() + 8);

        assertThat(finds(expression + "c", "a".repeat(63))).isFalse();
        assertThat(finds(expression + "c", "ab".repeat(31).repeat(8) + "c")).isTrue();
    }

    @Test
    void deepOnesAreAnsweredOrRefused() {
        assertThat(finds("(".repeat(300) + "a" + ")*".repeat(300) + "b", "a".repeat(63))).isFalse();
        assertThatThrownBy(() -> TensorTypeRule.parse("(".repeat(2_000) + "=Q4_K"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an expression of 2000 characters, expected at most 1024");
        assertThatThrownBy(() -> TensorAlphaRule.parse("(((a?){500}){500}){500}=1")).hasMessageContaining("is too large");
        String lookahead = "";
        for (int i = 0; i < 4; i++) {
            lookahead = "(?=" + "a?".repeat(60) + lookahead + ".*b)";
        }
        String nested = lookahead;
        assertThatThrownBy(() -> finds(nested, "a".repeat(63))).hasMessageContaining("the expressions of --rule take too long");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a)\\1", "(?<=a)b", "(?<!a)b", "(?<x>a)", "(?>a)", "a*+", "a++", "a?+", "a{2}+", "(?i)a", "\\p{L}", "[a&&b]", "[a[b]]",
                "\\Qa\\E", "\\x41", "a{99999}", "\\Aa"
            })
    void whatIsNotSupportedIsSaid(String expression) {
        assertThatThrownBy(() -> TensorAlphaRule.parse(expression + "=1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("which expressions for names of tensors do not have");
        assertThatCode(() -> Pattern.compile(expression)).as("is one").doesNotThrowAnyException();
    }
}
