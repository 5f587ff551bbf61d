package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.CancelledException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.infer.TextPooler.Pooling;
import io.github.expogguf.nativelib.NativeLog;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.Cancellation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Vectors of a small random model that reads from left to right, so that its state at a token is the vector of the text
 * up to there, pooled by the last token.
 */
final class TextEmbedderTest {

    private static final int DIMENSIONS = 64;
    private static final TensorValues VALUES = TensorValues.random(5);
    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(2, DIMENSIONS, 96, 2, 2));
    private static final ContextOptions OPTIONS =
            ContextOptions.defaults().withContextTokens(64).withThreads(1).withSequences(3);
    private static final List<String> TEXTS =
            List.of("Which city rules Chile?", "a", "Hello, friend!", "Which city rules Chile?", "", "1234");

    @TempDir
    private Path directory;

    private LlamaModel model;

    @BeforeEach
    void load() throws Exception {
        model = load(MODEL);
    }

    private LlamaModel load(TinyModel tiny) throws Exception {
        return LlamaModel.load(tiny.write(directory.resolve("tiny.gguf"), VALUES), LoadOptions.defaults());
    }

    @AfterEach
    void close() {
        model.close();
    }

    /** The states of the model at every token of a text, one after the other. */
    private List<float[]> states(String text) {
        int[] tokens = model.tokenize(text, true, false);
        try (TextPooler pooler = TextPooler.open(model, OPTIONS, Pooling.LAST)) {
            List<int[]> beginnings = new ArrayList<>();
            for (int length = 1; length <= tokens.length; length++) {
                beginnings.add(Arrays.copyOf(tokens, length));
            }
            return pooler.pool(beginnings, progress -> {});
        }
    }

    private static float[] mean(List<float[]> states) {
        float[] mean = new float[DIMENSIONS];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (float[] state : states) {
                sum += state[i];
            }
            mean[i] = (float) (sum / states.size());
        }
        return mean;
    }

    private static float[] scaled(float[] vector) {
        double squares = 0;
        for (float number : vector) {
            squares += (double) number * number;
        }
        float[] scaled = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            scaled[i] = (float) (vector[i] / Math.sqrt(squares));
        }
        return scaled;
    }

    @Test
    void canBeEnded() {
        try (TextEmbedder embedder = TextEmbedder.open(model, OPTIONS, Pooling.LAST)) {
            Cancellation cancellation = new Cancellation();
            assertThat(embedder.embed(TEXTS, cancellation))
                    .usingElementComparator(Arrays::compare)
                    .containsExactlyElementsOf(embedder.embed(TEXTS));
            assertThat(embedder.embed("a", cancellation)).isEqualTo(embedder.embed("a"));
            cancellation.cancel();
            assertThatThrownBy(() -> embedder.embed(TEXTS, cancellation)).isInstanceOf(CancelledException.class);
            assertThatThrownBy(() -> embedder.embedUnscaled(TEXTS, cancellation))
                    .isInstanceOf(CancelledException.class);
            assertThatThrownBy(() -> embedder.embed("a", cancellation)).isInstanceOf(CancelledException.class);
            assertThat(embedder.embed(TEXTS)).hasSameSizeAs(TEXTS);
        }
    }

    @Test
    void poolsByMeanFirstAndLastToken() {
        for (Pooling pooling : List.of(Pooling.MEAN, Pooling.CLS, Pooling.LAST)) {
            try (TextEmbedder embedder = TextEmbedder.open(model, OPTIONS, pooling)) {
                assertThat(embedder.dimensions()).isEqualTo(DIMENSIONS);
                List<float[]> unscaled = embedder.embedUnscaled(TEXTS);
                List<float[]> vectors = embedder.embed(TEXTS);
                for (int i = 0; i < TEXTS.size(); i++) {
                    List<float[]> states = states(TEXTS.get(i));
                    float[] expected = switch (pooling) {
                        case MEAN -> mean(states);
                        case CLS -> states.getFirst();
                        default -> states.getLast();
                    };
                    assertThat(unscaled.get(i))
                            .as("%s of '%s'", pooling, TEXTS.get(i))
                            .containsExactly(expected, within(1e-4f));
                    assertThat(vectors.get(i)).containsExactly(scaled(expected), within(1e-4f));
                    assertThat(embedder.embed(TEXTS.get(i))).containsExactly(scaled(expected), within(1e-4f));
                }
            }
        }
    }

    @Test
    void textsOfSeveralLengthsAreReadAsAlone() throws Exception {
        TinyModel recurrent = TinyModels.mamba(Sizes.of(1, 128, 0, 0, 0))
                .with("blk.0.ssm_conv1d.bias", GgmlType.F32, 256)
                .with("blk.0.ssm_dt.bias", GgmlType.F32, 256)
                .with("blk.0.ssm_d", GgmlType.F32, 256);
        for (TinyModel kind : List.of(TinyModels.qwen2(Sizes.of(2, DIMENSIONS, 96, 2, 2)), recurrent)) {
            try (LlamaModel other = load(kind)) {
                for (Pooling pooling : List.of(Pooling.MEAN, Pooling.CLS, Pooling.LAST)) {
                    try (TextEmbedder embedder = TextEmbedder.open(other, OPTIONS, pooling)) {
                        List<float[]> together = embedder.embed(TEXTS.subList(0, 4));
                        for (int i = 0; i < together.size(); i++) {
                            assertThat(together.get(i))
                                    .as("%s, %s of %s", other.description(), pooling, TEXTS.get(i))
                                    .containsExactly(embedder.embed(TEXTS.get(i)), within(1e-4f));
                        }
                    }
                }
            }
        }
    }

    @Test
    void poolsAsTheMetadataSays() throws Exception {
        float[] state = states("Hello").getLast();
        try (LlamaModel saying = load(MODEL.with("llama.pooling_type", MetadataValue.ofUint32(3)));
                TextEmbedder embedder = TextEmbedder.open(saying, OPTIONS)) {
            assertThat(embedder.embed("Hello")).containsExactly(scaled(state), within(1e-4f));
        }
        assertThatThrownBy(() -> TextEmbedder.open(model, OPTIONS))
                .isInstanceOf(InferenceException.class)
                .hasMessage("tiny.gguf: its pooling_type is not there, expected 1 (mean), 2 (first token) or 3 (last"
                        + " token)");
        try (LlamaModel ranking = load(MODEL.with("llama.pooling_type", MetadataValue.ofUint32(4)))) {
            assertThatThrownBy(() -> TextEmbedder.open(ranking, OPTIONS)).hasMessageContaining("its pooling_type is 4");
        }
        assertThatThrownBy(() -> TextEmbedder.open(model, OPTIONS, Pooling.RANK))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesATextThatIsTooLong() {
        try (TextEmbedder embedder = TextEmbedder.open(model, OPTIONS, Pooling.MEAN)) {
            assertThatThrownBy(() -> embedder.embed(List.of("a", "because ".repeat(256))))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageMatching("tiny.gguf: text 1 has \\d+ tokens, expected 1 to 256 .*");
            assertThat(embedder.embed(List.of())).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 256", "300, 512", "513, 768", "2100, 2304"})
    void takesTextsOfTheLengthThatItSays(int asked, int room) {
        for (Pooling pooling : List.of(Pooling.MEAN, Pooling.LAST)) {
            try (TextPooler pooler = TextPooler.open(model, OPTIONS.withContextTokens(asked), pooling)) {
                assertThat(pooler.contextTokens()).isEqualTo(room);
                assertThat(pooler.pool(List.of(new int[room]), progress -> {})).hasSize(1);
                assertThatThrownBy(() -> pooler.pool(List.of(new int[room + 1]), progress -> {}))
                        .isInstanceOf(InferenceException.class)
                        .hasMessageContaining("has " + (room + 1) + " tokens, expected 1 to " + room);
            }
        }
        try (TextEmbedder embedder = TextEmbedder.open(model, OPTIONS.withContextTokens(asked), Pooling.LAST)) {
            assertThat(embedder.contextTokens()).isEqualTo(room);
        }
    }

    @Test
    void opensWithoutAWordOfLlamaCpp() {
        List<String> said = new CopyOnWriteArrayList<>();
        Handler hearing = new Handler() {
            @Override
            public void publish(LogRecord line) {
                said.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(NativeLog.LOGGER);
        logger.addHandler(hearing);
        try (TextEmbedder embedder = TextEmbedder.open(model, OPTIONS, Pooling.CLS)) {
            embedder.embed("Hello");
        } finally {
            logger.removeHandler(hearing);
        }
        assertThat(said).noneMatch(line -> line.contains("pooling") || line.contains("n_ctx"));
    }
}
