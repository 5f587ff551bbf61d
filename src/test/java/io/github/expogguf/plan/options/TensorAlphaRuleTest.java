package io.github.expogguf.plan.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorAlphaRuleTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "attn_q=0.3",
                "attn_q=-0.5",
                "norm=copy",
                "blk\\.[0-3]\\.=*0.5",
                "blk.*=0.2..0.5",
                ".=*0.5..1.5",
                "blk=0.2..0.5..0.3",
                "a=b=1",
                "x=1.0E-4",
                "x=1",
                "x=1.0E10"
            })
    void textIsReadBackAsItWas(String text) {
        TensorAlphaRule rule = TensorAlphaRule.parse(text);

        assertThat(rule.text()).isEqualTo(text);
        assertThat(TensorAlphaRule.parse(rule.text())).isEqualTo(rule).hasSameHashCodeAs(rule);
    }

    @Test
    void alphaZeroIsACopy() {
        assertThat(TensorAlphaRule.parse("norm=0")).isEqualTo(TensorAlphaRule.parse("norm=copy"));
        assertThat(TensorAlphaRule.parse("norm=*0")).isNotEqualTo(TensorAlphaRule.parse("norm=copy"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "attn_q",
                "=0.3",
                "attn_q=",
                "attn_q=x",
                "attn_q=0.2...5",
                "attn_q=0.2..",
                "attn_q=..0.5",
                "attn_q=*",
                "attn_q=**2",
                "attn_q=NaN",
                "attn_q=Infinity",
                "attn_q=1e39",
                "attn_q=0x1p3",
                "attn_q=copy..1",
                "attn_q= 0.3",
                "attn_q=1f"
            })
    void everythingElseIsRefused(String text) {
        assertThatThrownBy(() -> TensorAlphaRule.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void expressionsAreBoundedAndChecked() {
        assertThatThrownBy(() -> TensorAlphaRule.parse("a".repeat(1025) + "=1"))
                .hasMessage("an expression of 1025 characters, expected at most 1024");
        assertThatThrownBy(() -> TensorAlphaRule.parse("(=1")).hasMessage("'(': Unclosed group in the expression");
    }

    @ParameterizedTest
    @CsvSource({
        "0.3, 0.7, 0.3, 0.3, 0.3",
        "*0.5, 0.7, 0.35, 0.35, 0.35",
        "0.2..0.5, 0.7, 0.2, 0.35, 0.5",
        "*0.5..1.5, 0.4, 0.2, 0.4, 0.6",
        "0.2..0.5..0.3, 9, 0.2, 0.5, 0.3",
        "*0, 0.7, 0, 0, 0",
        "copy, 0.7, 0, 0, 0",
    })
    void curveIsStraightBetweenItsPoints(String curve, float alpha, float first, float middle, float last) {
        AlphaCurve parsed = AlphaCurve.parse(curve);

        assertThat(List.of(parsed.at(alpha, 0), parsed.at(alpha, 0.5), parsed.at(alpha, 1)))
                .containsExactly(first, middle, last);
    }

    @Test
    void relativeCurvesEndWithAlphaZeroAndAbsoluteOnesHold() {
        assertThat(AlphaCurve.parse("*2").holdsAtAlphaZero()).isFalse();
        assertThat(AlphaCurve.COPY.holdsAtAlphaZero()).isFalse();
        assertThat(AlphaCurve.parse("0..0.5").holdsAtAlphaZero()).isTrue();
    }

    @Test
    void alphaThatIsNoNumberIsRefused() {
        AlphaCurve doubled = AlphaCurve.parse("*2");

        assertThat(doubled.at(1e38f, 0)).isEqualTo(2e38f);
        assertThatThrownBy(() -> doubled.at(2e38f, 0)).hasMessageContaining("give Infinity");
    }
}
