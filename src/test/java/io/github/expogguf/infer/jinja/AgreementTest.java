package io.github.expogguf.infer.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.infer.jinja.Rendering.Refusal;
import io.github.expogguf.infer.jinja.Rendering.Text;
import org.junit.jupiter.api.Test;

final class AgreementTest {

    private static final Rendering OURS = new Refusal("UNDEFINED", "line 3: 'x' is undefined, and more");

    @Test
    void textsAreTheSameOrAnother() {
        assertThat(Agreement.of(new Text("a"), new Text("a"))).isEqualTo(Agreement.SAME_TEXT);
        assertThat(Agreement.of(new Text("a"), new Text("a "))).isEqualTo(Agreement.OTHER_TEXT);
        assertThat(Agreement.of(new Text("a"), OURS)).isEqualTo(Agreement.ONLY_WE_REFUSE);
        assertThat(Agreement.of(new Refusal("TypeError", ""), new Text("a"))).isEqualTo(Agreement.ONLY_JINJA2_REFUSES);
    }

    @Test
    void theWordsBindWhereAPersonReadsThem() {
        assertThat(Agreement.of(new Refusal("UndefinedError", "'x' is undefined"), OURS))
                .isEqualTo(Agreement.SAME_WORDS);
        assertThat(Agreement.of(new Refusal("UndefinedError", "'y' is undefined"), OURS))
                .isEqualTo(Agreement.WRONG_WORDS);
        assertThat(Agreement.of(new Refusal("TypeError", "no len()"), OURS)).isEqualTo(Agreement.OTHER_WORDS);
    }

    @Test
    void thatWeCannotDoItIsAnotherMatter() {
        Rendering unsupported = new Refusal("UNSUPPORTED", "the filter 'x' is not supported");
        Rendering limit = new Refusal("LIMIT", "more work than its input explains");
        assertThat(Agreement.of(new Refusal("TypeError", "no len()"), unsupported))
                .isEqualTo(Agreement.WRONG_WORDS);
        assertThat(Agreement.of(new Refusal("TypeError", "no len()"), limit)).isEqualTo(Agreement.WRONG_WORDS);
        assertThat(Agreement.of(new Refusal("MemoryError", "too large"), limit)).isEqualTo(Agreement.OTHER_WORDS);
    }

    @Test
    void whatTheTemplateRaisesIsRaisedByBoth() {
        Rendering raised = new Refusal(Rendering.RAISED, "no system role");
        assertThat(Agreement.of(raised, raised)).isEqualTo(Agreement.SAME_WORDS);
        assertThat(Agreement.of(raised, new Refusal("UNDEFINED", "no system role")))
                .isEqualTo(Agreement.WRONG_WORDS);
        assertThat(Agreement.of(new Refusal("TypeError", ""), raised)).isEqualTo(Agreement.WRONG_WORDS);
        assertThat(Agreement.of(raised, new Refusal(Rendering.RAISED, "another")))
                .isEqualTo(Agreement.WRONG_WORDS);
    }

    @Test
    void aCrashIsNeverRight() {
        assertThat(Agreement.of(new Refusal("TypeError", ""), new Refusal(Rendering.CRASH, "x"))
                        .isRight())
                .isFalse();
    }
}
