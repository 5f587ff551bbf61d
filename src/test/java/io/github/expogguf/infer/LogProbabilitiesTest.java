package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.CancelledException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.Cancellation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogProbabilitiesTest {

    private static final double ROUNDING = 0.02; // F16 keys and values, sums in another order
    private static final ContextOptions SMALL =
            ContextOptions.defaults().withContextTokens(256).withThreads(1);
    private static LlamaModel model;
    private static List<Passage> passages;
    private static List<double[]> expected;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void load() throws Exception {
        model = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
        Random random = new Random(1);
        passages = new ArrayList<>();
        for (String prompt : DemoFiles.prompts("text").subList(0, 12)) {
            int[] continuation = random.ints(1 + random.nextInt(12), 3, 512).toArray();
            passages.add(Passage.of(model.tokenize(prompt, true, true), continuation));
        }
        expected = oneByOne(model, passages);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** The independent path: one sequence, one prefix at a time, the textbook's softmax. */
    private static List<double[]> oneByOne(LlamaModel model, List<Passage> passages) {
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            return passages.stream()
                    .map(passage -> IntStream.range(passage.firstScored(), passage.tokens().length)
                            .mapToDouble(position -> {
                                float[] logits = context.logits(Arrays.copyOf(passage.tokens(), position));
                                double sum = 0;
                                for (float logit : logits) {
                                    sum += Math.exp(logit);
                                }
                                return Math.log(Math.exp(logits[passage.tokens()[position]]) / sum);
                            })
                            .toArray())
                    .toList();
        }
    }

    private static void requireExpected(LlamaModel model, ContextOptions options, List<double[]> expected) {
        try (LlamaContext context = LlamaContext.open(model, options)) {
            List<double[]> actual = context.logProbabilities(passages);
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i)).as("passage %d", i).containsExactly(expected.get(i), within(ROUNDING));
            }
        }
    }

    @Test
    void areThoseOfOneSequenceAtATime() {
        requireExpected(model, SMALL, expected);
        requireExpected(model, SMALL.withSequences(5), expected);
        requireExpected(model, SMALL.withSequences(12).withThreads(2), expected);
    }

    @Test
    void areTheSameWhenPassagesAreCutAnywhere() {
        requireExpected(model, SMALL.withBatchTokens(1), expected);
        requireExpected(model, SMALL.withSequences(3).withBatchTokens(7), expected);
    }

    @Test
    void areThoseOfOneSequenceAtATimeForARandomModel() throws Exception {
        Path file = TinyModels.qwen2(Sizes.of(2, 64, 96, 4, 2))
                .write(directory.resolve("qwen2.gguf"), TensorValues.random(5));
        try (LlamaModel other = LlamaModel.load(file, LoadOptions.defaults().withMemoryMapped(false))) {
            Random random = new Random(2);
            List<Passage> texts = IntStream.range(0, 6)
                    .mapToObj(i -> new Passage(random.ints(2 + 3 * i, 0, 320).toArray(), 1))
                    .toList();
            List<double[]> values = oneByOne(other, texts);
            try (LlamaContext context = LlamaContext.open(other, SMALL.withSequences(4))) {
                List<double[]> actual = context.logProbabilities(texts);
                for (int i = 0; i < texts.size(); i++) {
                    assertThat(actual.get(i)).containsExactly(values.get(i), within(1e-4));
                }
            }
        }
    }

    @Test
    void showsEveryScoredPositionOnceAndSaysHowFarItIs() {
        ConcurrentHashMap<List<Integer>, Integer> seen = new ConcurrentHashMap<>();
        List<Long> done = new ArrayList<>();
        try (LlamaContext context = LlamaContext.open(
                model, SMALL.withSequences(4).withBatchTokens(32).withThreads(2))) {
            context.readLogits(
                    passages,
                    (passage, position, logits) -> seen.merge(List.of(passage, position), 1, Integer::sum),
                    progress -> done.add(progress.done()));
        }
        assertThat(seen.values()).containsOnly(1);
        assertThat(seen)
                .hasSize(passages.stream().mapToInt(Passage::scoredTokens).sum());
        assertThat(seen.keySet())
                .allMatch(key -> key.get(1) >= passages.get(key.get(0)).firstScored());
        assertThat(done).isSorted().hasSizeGreaterThan(1).endsWith((long) passages.size());
    }

    @Test
    void endWhenCancelled() {
        try (LlamaContext context = LlamaContext.open(model, SMALL.withBatchTokens(32))) {
            Cancellation unused = new Cancellation();
            int[] tokens = passages.getFirst().tokens();
            assertThat(context.logits(tokens, unused)).isEqualTo(context.logits(tokens));
            assertThat(context.logProbabilities(passages, unused))
                    .usingElementComparator(Arrays::compare)
                    .containsExactlyElementsOf(context.logProbabilities(passages));

            Cancellation cancellation = new Cancellation();
            List<Long> done = new ArrayList<>();
            assertThatThrownBy(() -> context.readLogits(
                            passages,
                            (passage, position, logits) -> {},
                            progress -> {
                                done.add(progress.done());
                                cancellation.cancel();
                            },
                            cancellation))
                    .isInstanceOf(CancelledException.class);
            assertThat(done).hasSize(1);
            assertThatThrownBy(() -> context.logits(tokens, cancellation)).isInstanceOf(CancelledException.class);
            assertThatThrownBy(() -> context.logProbabilities(passages, cancellation))
                    .isInstanceOf(CancelledException.class);
            assertThat(context.logits(tokens)).hasSize(model.vocabularySize()); // and the context serves again
        }
    }

    @Test
    void aListenerStopsTheWork() {
        try (LlamaContext context = LlamaContext.open(model, SMALL.withBatchTokens(32))) {
            assertThatThrownBy(() -> context.readLogits(passages, (passage, position, logits) -> {}, done -> {
                        throw new IllegalStateException("enough");
                    }))
                    .hasMessage("enough");
            assertThat(context.logProbabilities(List.of())).isEmpty(); // and the context serves again
        }
    }

    @Test
    void fillsTheContextToTheLastToken() {
        int[] tokens = new int[257];
        Arrays.fill(tokens, 300);
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            assertThat(context.logProbabilities(List.of(new Passage(tokens, 1))).getFirst())
                    .hasSize(256);
            int[] more = Arrays.copyOf(tokens, 258);
            assertThatThrownBy(() -> context.logProbabilities(List.of(passages.getFirst(), new Passage(more, 1))))
                    .isInstanceOf(InferenceException.class)
                    .hasMessage("guide-sft-f16.gguf: passage 1 has 258 tokens, expected at most 257 (the context of a"
                            + " sequence and one)");
        }
    }

    @Test
    void refusesPassagesWithoutScoredTokens() {
        assertThatThrownBy(() -> new Passage(new int[3], 0)).hasMessageContaining("expected 1 to 2");
        assertThatThrownBy(() -> new Passage(new int[3], 3)).hasMessageContaining("firstScored is 3");
        assertThatThrownBy(() -> Passage.of(new int[0], new int[1])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Passage.of(new int[1], new int[0])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void softmaxStandsLargeLogitsAndMaskedTokens() {
        float[] huge = {1e30f, 1e30f, Float.NEGATIVE_INFINITY, -1e30f};
        assertThat(LogSoftmax.of(huge).logProbability(1e30f)).isEqualTo(-Math.log(2), within(1e-12));
        assertThat(LogSoftmax.of(huge).logProbability(Float.NEGATIVE_INFINITY)).isEqualTo(Double.NEGATIVE_INFINITY);
        float[] small = {-500, -500, -500};
        assertThat(LogSoftmax.of(small).logProbability(-500)).isEqualTo(-Math.log(3), within(1e-12));
    }
}
