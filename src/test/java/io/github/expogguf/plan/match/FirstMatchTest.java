package io.github.expogguf.plan.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.RuleException;
import io.github.expogguf.plan.options.TensorAlphaRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FirstMatchTest {

    private static final List<String> NAMES = IntStream.range(0, 30)
            .mapToObj(i -> "blk." + i + (i % 2 == 0 ? ".attn_q" : ".ffn_up") + ".weight")
            .toList();

    private final RuleMatches found = new RuleMatches();

    private FirstMatch<TensorAlphaRule> match(List<TensorAlphaRule> rules) {
        return new FirstMatch<>(RuleException.Decides.ALPHA, rules, TensorAlphaRule::name, found);
    }

    private static List<TensorAlphaRule> rules(String... texts) {
        return List.of(texts).stream().map(TensorAlphaRule::parse).toList();
    }

    /** java.util.regex says which rule is the first, in whatever order names and lists of rules come. */
    @Test
    void isTheFirstRuleThatIsFoundHoweverOftenItIsAsked() {
        Random random = new Random(8);
        List<String> texts = List.of("attn=1", "^blk\\.[0-4]\\.=2", "1=3", "ffn.*7=4", "attn=5", ".=0", "x=6");
        for (int round = 0; round < 300; round++) {
            List<TensorAlphaRule> rules = new ArrayList<>();
            random.ints(random.nextInt(5), 0, texts.size())
                    .forEach(i -> rules.add(TensorAlphaRule.parse(texts.get(i))));
            FirstMatch<TensorAlphaRule> match = match(List.copyOf(rules));
            for (int i = 0; i < 40; i++) {
                String name = NAMES.get(random.nextInt(NAMES.size()));
                assertThat(match.in(name))
                        .isEqualTo(rules.stream()
                                .filter(rule -> rule.name().matcher(name).find())
                                .findFirst());
            }
        }
    }

    /**
     * What the outputs of a pass ask takes steps once: all names together take more than is allowed, each half does
     * not.
     */
    @Test
    void whatWasAskedBeforeTakesNoSteps() {
        List<String> long60 = NAMES.stream().map(name -> name + "a".repeat(60)).toList();

        assertThatThrownBy(() -> long60.forEach(match(expensive(1))::in)).hasMessageContaining("take too long");

        List<TensorAlphaRule> rules = expensive(2);
        long60.subList(0, 15).forEach(match(rules)::in);
        long60.subList(15, 30).forEach(match(rules)::in);
        assertThat(long60).allSatisfy(name -> assertThat(match(rules).in(name)).isEmpty());
        FirstMatch<TensorAlphaRule> again = match(rules);
        assertThatCode(() -> long60.forEach(again::in)).doesNotThrowAnyException();
    }

    private static List<TensorAlphaRule> expensive(int alpha) {
        return IntStream.range(0, 2_600)
                .mapToObj(i -> TensorAlphaRule.parse(".*x" + i + "=" + alpha))
                .toList();
    }
}
