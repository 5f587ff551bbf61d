package io.github.expogguf.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PatternBudgetTest {

    @Test
    void findsWhatAPatternFinds() {
        PatternBudget budget = new PatternBudget("--tensor-type");

        for (int i = 0; i < 10_000; i++) {
            assertThat(budget.finds(Pattern.compile("attn_[qv]\\.weight$"), "blk." + i + ".attn_q.weight")).isTrue();
            assertThat(budget.finds(Pattern.compile("^attn"), "blk.0.attn_q.weight")).isFalse();
        }
    }

    @Test
    void givesUpOnAnExpressionThatTriesForYears() {
        assertThatThrownBy(() -> new PatternBudget("--tensor-type").finds(Pattern.compile("(.*a){12}b"), "a".repeat(63)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("take too long");
        assertThatThrownBy(() -> TensorTypeRule.parse("(".repeat(2_000) + "=Q4_K"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an expression of 2000 characters, expected at most 1024");
    }
}
