package io.github.expogguf.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EscapeTest {

    @Test
    void leavesPrintableTextAlone() {
        assertThat(Escape.text("blk.0.attn_q.weight größer 模型 🙂")).isEqualTo("blk.0.attn_q.weight größer 模型 🙂");
    }

    @Test
    void escapesWhatCouldMoveTheCursorOrHideText() {
        assertThat(Escape.text("a\nb\rc\td\\e")).isEqualTo("a\\nb\\rc\\td\\\\e");
        assertThat(Escape.text("\u001b[2J\0\u007f\u009b")).isEqualTo("\\x1b[2J\\x00\\x7f\\x9b");
        assertThat(Escape.text("\u202etxt\u2028\u200b\ufeff")).isEqualTo("\\u{202e}txt\\u{2028}\\u{200b}\\u{feff}");
        assertThat(Escape.text("\ud83d \ue000 \uffff \udb40\udc41"))
                .isEqualTo("\\u{d83d} \\u{e000} \\u{ffff} \\u{e0041}");
    }

    @Test
    void cutsLongNames() {
        assertThat(Escape.quote("a".repeat(120))).isEqualTo("'" + "a".repeat(120) + "'");
        assertThat(Escape.quote("🙂".repeat(121))).isEqualTo("'" + "🙂".repeat(120) + "…'");
    }
}
