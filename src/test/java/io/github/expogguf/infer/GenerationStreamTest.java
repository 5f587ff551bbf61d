package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import io.github.expogguf.infer.Generation.FinishReason;
import io.github.expogguf.testing.DemoFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class GenerationStreamTest {

    private static final String CHILE = "<|user|>Which city rules Chile?<|assistant|>";
    private static final GenerationOptions GREEDY = GenerationOptions.greedy(64);
    private static LlamaModel model;
    private static LlamaContext context;

    @BeforeAll
    static void load() throws Exception {
        model = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
        context = LlamaContext.open(
                model, ContextOptions.defaults().withContextTokens(256).withThreads(1));
    }

    @AfterAll
    static void close() {
        context.close();
        model.close();
    }

    @Test
    void itsPiecesAreTheAnswer() {
        Generation expected = context.generate(CHILE, GREEDY);
        try (GenerationStream stream = context.stream(CHILE, GREEDY)) {
            List<String> pieces = new ArrayList<>();
            stream.forEachRemaining(pieces::add);
            assertThat(pieces).hasSizeGreaterThan(5).doesNotContain("");
            assertThat(String.join("", pieces)).isEqualTo(expected.text());
            assertThat(stream.result()).isEqualTo(expected);
            assertThatThrownBy(stream::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void closingItEarlyStopsTheAnswer() {
        GenerationStream stream = context.stream(CHILE, GREEDY);
        String first = stream.next();
        assertThatThrownBy(stream::result).hasMessage("the answer is not at its end");
        stream.close();
        stream.close();
        assertThat(stream.result().finishReason()).isEqualTo(FinishReason.STOPPED);
        assertThat(stream.result().text()).isEqualTo(first);
        assertThat(stream.hasNext()).isFalse();
    }

    @Test
    void endsWithItsContext() {
        LlamaContext own = LlamaContext.open(
                model, ContextOptions.defaults().withContextTokens(256).withThreads(1));
        GenerationStream stream = own.stream(CHILE, GREEDY);
        String first = stream.next();
        own.close();
        assertThat(stream.hasNext()).isFalse();
        assertThat(stream.result().finishReason()).isEqualTo(FinishReason.STOPPED);
        assertThat(stream.result().text()).isEqualTo(first);
        stream.close();
        own.close();
        assertThatThrownBy(() -> own.stream(CHILE, GREEDY)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void holdsTheContextUntilItIsClosed() {
        Generation expected = context.generate(CHILE, GREEDY);
        try (GenerationStream stream = context.stream(CHILE, GREEDY)) {
            stream.next();
            assertThatThrownBy(() -> context.generate(CHILE, GREEDY)).hasMessageContaining("one call at a time");
        }
        assertThat(context.generate(CHILE, GREEDY)).isEqualTo(expected);
    }

    @Test
    void refusesAPromptThatDoesNotFit() {
        assertThatThrownBy(() -> context.stream("word ".repeat(300), GREEDY))
                .isInstanceOf(InferenceException.class)
                .hasMessageContaining("expected 1 to 256");
        assertThat(context.generate(CHILE, GenerationOptions.greedy(1)).tokens())
                .hasSize(1);
    }
}
