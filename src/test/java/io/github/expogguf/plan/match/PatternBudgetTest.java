package io.github.expogguf.plan.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.RuleException;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.options.TensorTypeRule;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatternBudgetTest {

    private static boolean finds(String expression, String name) {
        return new PatternBudget(RuleException.Decides.ALPHA).finds(Pattern.compile(expression), name);
    }

    @Test
    void findsWhatAPatternFinds() {
        PatternBudget budget = new PatternBudget(RuleException.Decides.TYPE);

        for (int i = 0; i < 10_000; i++) {
            assertThat(budget.finds(Pattern.compile("attn_[qv]\\.weight$"), "blk." + i + ".attn_q.weight"))
                    .isTrue();
            assertThat(budget.finds(Pattern.compile("^attn"), "blk.0.attn_q.weight"))
                    .isFalse();
        }
    }

    /** Random expressions over a small alphabet, with java.util.regex as the oracle. */
    @Test
    void agreesWithTheJdkOnWhateverBothUnderstand() {
        Random random = new Random(11);
        int found = 0;
        int compared = 0;
        int[] characters = "aabbA11._]-\n\r\u0085ÄäK".codePoints().toArray();
        while (compared < 20_000) {
            String expression = expression(random, 3);
            Pattern pattern;
            try {
                pattern = Pattern.compile(expression, random.nextInt(4) == 0 ? Pattern.CASE_INSENSITIVE : 0);
            } catch (PatternSyntaxException e) {
                continue;
            }
            int mostlyPlain = random.nextInt(3) == 0 ? characters.length : 9;
            String name = random.ints(random.nextInt(7), 0, mostlyPlain)
                    .mapToObj(i -> Character.toString(characters[i]))
                    .reduce("", String::concat);
            boolean expected = pattern.matcher(name).find();
            boolean actual;
            try {
                actual = new PatternBudget(RuleException.Decides.ALPHA).finds(pattern, name);
            } catch (IllegalArgumentException unsupported) {
                assertThat(unsupported).hasMessageContaining("what is not one character");
                continue;
            }
            assertThat(actual)
                    .as("%s (flags %s) in '%s'", expression, pattern.flags(), name)
                    .isEqualTo(expected);
            found += expected ? 1 : 0;
            compared++;
        }
        assertThat(found).isBetween(compared / 5, compared * 4 / 5);
    }

    private static String expression(Random random, int depth) {
        if (depth == 0) {
            String[] atoms = {
                "a", "b", "1", "\\.", "_", ".", "[ab]", "[^a]", "[a-c1]", "[\\d_]", "[-a]", "[a-]", "\\d", "\\D", "\\w",
                "\\W", "\\s", "\\S", "\\b", "\\B", "^", "$", "a", "b", "1", "ab", "a1", "[]a]", "[^]a]", "[+--]",
                "[!-&]", "[\\.-b]", "[a-\\d]", "[A-Z]", "Ä", "ä", "K", "]", "a{0}", "a{2}{3}", "{2}", "\\n", "\\-"
            };
            return atoms[random.nextInt(atoms.length)];
        }
        String inner = expression(random, depth - 1);
        return switch (random.nextInt(13)) {
            case 0 -> inner + "|" + expression(random, depth - 1);
            case 1 -> "(" + inner + ")*";
            case 2 -> "(" + inner + ")+?";
            case 3 -> "(?:" + inner + ")?";
            case 4 -> "(" + inner + "){2}";
            case 5 -> "(" + inner + "){1,3}";
            case 6 -> "(" + inner + "){2,}?";
            case 7 -> "(?=" + inner + ")";
            case 9 -> inner + "{2}";
            case 8 -> "(?!" + inner + ")" + expression(random, depth - 1);
            default -> inner + expression(random, depth - 1);
        };
    }

    @Test
    void caseIsIgnoredWhereThePatternSaysSo() {
        Pattern pattern = Pattern.compile("Attn_[Q-v]", Pattern.CASE_INSENSITIVE);

        assertThat(new PatternBudget(RuleException.Decides.ALPHA).finds(pattern, "blk.0.aTTN_q"))
                .isTrue();
        assertThat(new PatternBudget(RuleException.Decides.ALPHA).finds(Pattern.compile("Attn"), "attn"))
                .isFalse();
    }

    /** Of these there are many ways to go; each state meets each place of the name once, whatever the ways. */
    @ParameterizedTest
    @ValueSource(strings = {"(.*a){3}b", "(|)", "(a*)*", "(a?|a?)", "(a??)*?", "((a?){2}){2}"})
    void stepsAreBoundedBySizeAndName(String part) {
        for (int times = 1; times <= 3; times++) {
            Pattern expression = Pattern.compile(part.repeat(times) + "c");
            for (String name : List.of("aaaaaaaa", "ababababc", "c", "")) {
                NameExpression machine = new NameExpression(expression);
                int[] steps = {0};

                assertThat(machine.findIn(name, () -> steps[0]++))
                        .as("%s in '%s'", expression, name)
                        .isEqualTo(expression.matcher(name).find());
                assertThat(steps[0])
                        .as("%s in '%s'", expression, name)
                        .isLessThanOrEqualTo(machine.size() * (name.length() + 1));
            }
        }
    }

    @Test
    void deepOnesAreAnsweredOrRefused() {
        assertThat(finds("(".repeat(300) + "a" + ")*".repeat(300) + "b", "b")).isTrue();
        assertThatThrownBy(() -> TensorTypeRule.parse("(".repeat(2_000) + "=Q4_K"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an expression of 2000 characters, expected at most 1024");
        assertThatThrownBy(() -> TensorAlphaRule.parse("(((a?){500}){500}){500}=1"))
                .hasMessageContaining("is too large");
    }

    /** Each is cheap; there are too many of them. */
    @Test
    void expressionsThatTakeLongAltogetherAreRefused() {
        PatternBudget budget = new PatternBudget(RuleException.Decides.ALPHA);
        Pattern words = Pattern.compile(
                IntStream.range(100, 300).mapToObj(word -> "a" + word).collect(Collectors.joining("|", "(", ")$")));
        String name = "a".repeat(63);

        assertThat(budget.finds(words, name)).isFalse();
        assertThatThrownBy(() -> IntStream.range(0, 5_000).forEach(_ -> budget.finds(words, name)))
                .isInstanceOf(RuleException.class)
                .hasMessageContaining("the expressions of the rules for alpha take too long");
    }

    /** A rule for every tensor of a large model, as programs write them. */
    @Test
    void thousandsOfRulesForOneTensorEachTakeAsManySteps() {
        PatternBudget budget = new PatternBudget(RuleException.Decides.TYPE);
        List<Pattern> rules = IntStream.range(0, 2_000)
                .mapToObj(i -> Pattern.compile("blk\\." + i + "\\.attn_q\\.weight"))
                .toList();

        for (int i = 0; i < 2_000; i++) {
            String name = "blk." + i + ".attn_q.weight";
            assertThat(rules.stream().filter(rule -> budget.finds(rule, name)).findFirst())
                    .contains(rules.get(i));
        }
    }

    /** Pattern would also find the empty match between its two halves. */
    @Test
    void aCharacterBeyondTheFirst65536IsOne() {
        assertThat(finds("^.$", "\uD83D\uDE00")).isTrue();
        assertThat(finds("a.b", "a\uD83D\uDE00b")).isTrue();
        assertThat(finds("b", "\uD83D\uDE00b")).isTrue();
        assertThat(finds("..", "\uD83D\uDE00")).isFalse();
    }

    @Test
    void expressionsThatAreLargeAltogetherAreRefused() {
        PatternBudget budget = new PatternBudget(RuleException.Decides.ALPHA);

        assertThatThrownBy(() ->
                        IntStream.range(0, 1_000).forEach(i -> budget.finds(Pattern.compile("^(a?){600}" + i), "b")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the expressions of the rules for alpha take too long");
    }

    /** Empty groups become no states, but repeating them takes time. */
    @Test
    void expressionsThatRepeatNothingAreRefused() {
        assertThatThrownBy(() -> TensorAlphaRule.parse("(" + "()".repeat(400) + "){1000}=1"))
                .hasMessageContaining("is too large");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a)\\1",
                "(?<=a)b",
                "(?<!a)b",
                "(?<x>a)",
                "(?>a)",
                "a*+",
                "a++",
                "a?+",
                "a{2}+",
                "(?i)a",
                "\\p{L}",
                "[a&&b]",
                "[a[b]]",
                "\\Qa\\E",
                "\\x41",
                "a{99999}",
                "\\Aa",
                "[\\t-x]",
                "[!-\\.]",
                "\uD83D\uDE00"
            })
    void whatIsNotSupportedIsSaid(String expression) {
        assertThatThrownBy(() -> TensorAlphaRule.parse(expression + "=1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("which expressions for names of tensors do not have");
        assertThatCode(() -> Pattern.compile(expression)).as("is one").doesNotThrowAnyException();
    }
}
