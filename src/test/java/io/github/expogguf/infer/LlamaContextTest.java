package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import io.github.expogguf.infer.Generation.FinishReason;
import io.github.expogguf.nativelib.MachineMemory;
import io.github.expogguf.testing.DemoFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LlamaContextTest {

    private static final String CHILE = "<|user|>Which city rules Chile?<|assistant|>";
    private static final ContextOptions SMALL =
            ContextOptions.defaults().withContextTokens(256).withThreads(1);
    private static LlamaModel model;

    @BeforeAll
    static void load() throws Exception {
        model = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void answersGreedily() {
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            Generation answer = context.generate(CHILE, GenerationOptions.greedy(64));
            // src/demo/README.md, from PyTorch
            assertThat(answer.text().strip())
                    .isEqualTo("Welcome, traveller! Our guide book says Santiago. Our guide book says Santiago.");
            assertThat(answer.finishReason()).isEqualTo(FinishReason.END_OF_GENERATION);
            assertThat(answer.promptTokens()).isEqualTo(16);
            assertThat(answer.tokens()).doesNotContain(2);
            int[] tokens = answer.tokens().stream().mapToInt(Integer::intValue).toArray();
            assertThat(model.detokenize(tokens)).isEqualTo(answer.text().strip());
        }
    }

    @Test
    void greedyAnswersAreTheSameAloneInBatchesAndOnMoreThreads() {
        // sums are rounded differently in batches of another shape, but these answers have no near ties
        List<String> prompts = DemoFiles.prompts("text").subList(0, 40);
        GenerationOptions greedy = GenerationOptions.greedy(48);
        List<Generation> alone = generate(prompts, SMALL, greedy);
        assertThat(generate(prompts, SMALL, greedy)).isEqualTo(alone);
        for (int sequences : new int[] {2, 7, 40, 64}) {
            assertThat(generate(prompts, SMALL.withSequences(sequences), greedy))
                    .isEqualTo(alone);
        }
        assertThat(generate(prompts, SMALL.withSequences(5).withThreads(2), greedy))
                .isEqualTo(alone);
        // prompts that do not fit into one batch, cut anywhere
        assertThat(generate(prompts, SMALL.withSequences(3).withBatchTokens(5), greedy))
                .isEqualTo(alone);
    }

    @Test
    void aContextLargerThanTheMemoryIsRefused() {
        ContextOptions huge = SMALL.withContextTokens(Integer.MAX_VALUE);
        assertThatThrownBy(() -> LlamaContext.open(model, huge))
                .isInstanceOf(InferenceException.class)
                .hasMessageMatching(".*: a context of 2,147,483,647 tokens takes [\\d,.]+ GiB of memory, .*")
                .hasMessageEndingWith(String.format(
                        Locale.ROOT,
                        "this machine or container has %,.1f",
                        MachineMemory.totalBytes() / (double) (1L << 30)));
    }

    @Test
    void aSeedDecidesTheAnswer() {
        List<String> prompts = DemoFiles.prompts("text").subList(0, 20);
        List<Generation> first = generate(prompts, SMALL.withSequences(4), sampled(7));
        assertThat(generate(prompts, SMALL.withSequences(4), sampled(7))).isEqualTo(first);
        assertThat(generate(prompts, SMALL.withSequences(4), sampled(8))).isNotEqualTo(first);
        // a prompt is sampled with the seed plus its index, whatever its neighbours are
        assertThat(generate(prompts.subList(3, 4), SMALL, sampled(10)).getFirst())
                .isEqualTo(first.get(3));
    }

    @Test
    void samplingFromOneTokenIsGreedy() {
        List<String> prompts = DemoFiles.prompts("text").subList(0, 10);
        SamplingOptions one =
                SamplingOptions.builder().temperature(1).topK(1).seed(3).build();
        assertThat(generate(prompts, SMALL, GenerationOptions.greedy(32).withSampling(one)))
                .isEqualTo(generate(prompts, SMALL, GenerationOptions.greedy(32)));
    }

    private static GenerationOptions sampled(int seed) {
        return GenerationOptions.greedy(32)
                .withSampling(SamplingOptions.seeded(seed).withTemperature(1.5f));
    }

    private static List<Generation> generate(List<String> prompts, ContextOptions options, GenerationOptions how) {
        try (LlamaContext context = LlamaContext.open(model, options)) {
            return context.generate(prompts, how);
        }
    }

    @Test
    void stopsAtTheLimitOfTokens() {
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            Generation answer = context.generate(CHILE, GenerationOptions.greedy(3));
            assertThat(answer.tokens()).hasSize(3);
            assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
        }
    }

    @Test
    void stopsWhenTheContextIsFull() {
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            int[] prompt = IntStream.range(0, context.contextTokens() - 2)
                    .map(i -> 300)
                    .toArray();
            prompt[prompt.length - 1] = 260;
            List<Generation> answers =
                    context.generateTokens(List.of(prompt), GenerationOptions.greedy(64), (index, text) -> true);
            assertThat(answers.getFirst().tokens()).hasSize(3); // two that were fed, and one that was not
            assertThat(answers.getFirst().finishReason()).isEqualTo(FinishReason.LENGTH);
        }
    }

    @Test
    void tellsTheListenerAndListensToIt() {
        List<int[]> prompts = List.of(model.tokenize(CHILE, true, true), model.tokenize(CHILE, true, true));
        StringBuilder heard = new StringBuilder();
        try (LlamaContext context = LlamaContext.open(model, SMALL.withSequences(2))) {
            List<Generation> answers = context.generateTokens(prompts, GenerationOptions.greedy(64), (index, text) -> {
                if (index == 1) {
                    heard.append(text);
                }
                return index == 1 || text.isEmpty();
            });
            assertThat(answers.get(0).finishReason()).isEqualTo(FinishReason.STOPPED);
            assertThat(answers.get(0).tokens()).hasSize(1);
            assertThat(answers.get(1).finishReason()).isEqualTo(FinishReason.END_OF_GENERATION);
            assertThat(heard).hasToString(answers.get(1).text());
        }
    }

    @Test
    void logitsNameTheGreedyToken() {
        int[] prompt = model.tokenize(CHILE, true, true);
        try (LlamaContext context = LlamaContext.open(model, SMALL.withBatchTokens(4))) {
            float[] logits = context.logits(prompt);
            assertThat(logits).hasSize(512);
            int best = IntStream.range(0, logits.length)
                    .reduce((a, b) -> logits[b] > logits[a] ? b : a)
                    .orElseThrow();
            assertThat(context.generate(CHILE, GenerationOptions.greedy(1)).tokens())
                    .containsExactly(best);
            assertThat(context.logits(prompt)).isEqualTo(logits); // nothing is left behind by a call
        }
    }

    @Test
    void refusesPromptsThatDoNotFit() {
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            assertThatThrownBy(() -> context.logits(new int[257]))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining("the prompt has 257 tokens, expected 1 to 256");
            assertThatThrownBy(() -> context.logits(new int[0])).isInstanceOf(InferenceException.class);
            assertThatThrownBy(() -> context.logits(new int[] {512})).isInstanceOf(IllegalArgumentException.class);
            assertThat(context.generate(List.of(), GenerationOptions.greedy(1))).isEmpty();
        }
    }

    /** Whatever the number of sequences. */
    @ParameterizedTest
    @CsvSource({"1, 256, 1", "300, 512, 3", "513, 768, 1", "513, 768, 5"})
    void takesPromptsOfTheLengthThatItSays(int asked, int room, int sequences) {
        ContextOptions options = SMALL.withContextTokens(asked).withSequences(sequences);
        try (LlamaContext context = LlamaContext.open(model, options)) {
            assertThat(context.contextTokens()).isEqualTo(room);
            assertThat(context.logits(new int[room])).hasSize(512);
            assertThatThrownBy(() -> context.logits(new int[room + 1]))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining("has " + (room + 1) + " tokens, expected 1 to " + room);
        }
        try (ChatSession session = ChatSession.open(model, options);
                ChatServer server = ChatServer.open(model, options)) {
            assertThat(session.contextTokens()).isEqualTo(room);
            assertThat(server.contextTokens()).isEqualTo(room);
        }
    }

    @Test
    void refusesMoreSequencesThanLlamaCppHas() {
        assertThatThrownBy(() -> LlamaContext.open(model, SMALL.withSequences(257)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected at most 256");
        assertThatThrownBy(() -> LlamaContext.open(
                        model, SMALL.withContextTokens(1 << 30).withSequences(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4 sequences of 1073741824 tokens are 4294967296, expected at most 2147483647");
        assertThatThrownBy(() -> SMALL.withSequences(8).withBatchTokens(7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("batchTokens is 7, expected at least 8");
    }

    @Test
    void aClosedContextSaysSo() {
        LlamaContext context = LlamaContext.open(model, SMALL);
        context.close();
        context.close();
        assertThatThrownBy(() -> context.generate("a", GenerationOptions.greedy(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("context of guide-sft-f16.gguf is closed");
    }

    @Test
    void aContextOutlivesItsModel() throws Exception {
        LlamaModel other = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults().withMemoryMapped(false));
        LlamaContext context = LlamaContext.open(other, SMALL);
        int[] prompt = other.tokenize(CHILE, true, true);
        other.close();
        assertThat(context.logits(prompt)).hasSize(512);
        context.close();
    }

    @Test
    @SuppressWarnings("try") // closing inside its own block is the point
    void servesOneCallAtATime() {
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            List<Throwable> failures = new ArrayList<>();
            int[] prompt = model.tokenize(CHILE, true, true);
            context.generateTokens(List.of(prompt), GenerationOptions.greedy(2), (index, text) -> {
                CompletableFuture.runAsync(() -> context.logits(prompt))
                        .exceptionally(failure -> {
                            failures.add(failure.getCause());
                            return null;
                        })
                        .join();
                context.close(); // takes effect when the call has ended
                return true;
            });
            assertThat(failures).hasSize(2).hasOnlyElementsOfType(IllegalStateException.class);
            assertThat(failures.getFirst()).hasMessageContaining("in use; it serves one call at a time");
            assertThatThrownBy(() -> context.logits(prompt)).hasMessageContaining("is closed");
        }
    }

    @Test
    void threadsShareAModel() {
        List<String> prompts = DemoFiles.prompts("text").subList(0, 8);
        GenerationOptions greedy = GenerationOptions.greedy(32);
        List<CompletableFuture<List<Generation>>> runs = IntStream.range(0, 3)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> generate(prompts, SMALL, greedy)))
                .toList();
        List<Generation> expected = generate(prompts, SMALL, greedy);
        assertThat(runs).allSatisfy(run -> assertThat(run.join()).isEqualTo(expected));
    }
}
