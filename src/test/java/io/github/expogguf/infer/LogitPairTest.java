package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.InferenceException;
import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.infer.decode.LogitMix;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.testing.DemoFiles;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogitPairTest {

    private static final ContextOptions SMALL =
            ContextOptions.defaults().withContextTokens(256).withThreads(1);
    private static final GenerationOptions GREEDY = GenerationOptions.greedy(48);
    private static final List<String> PROMPTS = DemoFiles.prompts("text").subList(0, 12);
    private static final List<ChatMessage> CHAT = List.of(ChatMessage.user("Which city rules Chile?"));
    private static LlamaModel sft;
    private static LlamaModel aligned;

    @TempDir
    private Path dir;

    @BeforeAll
    static void load() throws Exception {
        sft = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
        aligned = LlamaModel.load(DemoFiles.ALIGNED, LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        sft.close();
        aligned.close();
    }

    @Test
    void logitsAreThoseOfTheFormula() {
        int[] prompt = aligned.tokenizePrompt(PROMPTS.getFirst());
        float[] from = logits(sft, prompt);
        float[] to = logits(aligned, prompt);
        for (float alpha : new float[] {-1, -0.4f, 0.3f, 2, 7.5f}) {
            try (LogitPair pair = LogitPair.of(sft, aligned, alpha)) {
                float up = 1 + alpha;
                float[] expected = new float[to.length];
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = up * to[i] - alpha * from[i];
                }
                assertThat(logits(pair.model(), prompt)).isEqualTo(expected);
            }
        }
    }

    @Test
    void alphaZeroIsTheAlignedModel() {
        int[] prompt = aligned.tokenizePrompt(PROMPTS.getFirst());
        try (LogitPair pair = LogitPair.of(sft, aligned, 0)) {
            assertThat(logits(pair.model(), prompt)).isEqualTo(logits(aligned, prompt));
            assertThat(answers(pair.model(), SMALL, GREEDY)).isEqualTo(answers(aligned, SMALL, GREEDY));
            assertThat(answers(pair.model(), SMALL, sampled(5))).isEqualTo(answers(aligned, SMALL, sampled(5)));
        }
    }

    @Test
    void alphaChangesFromOneCallToTheNext() {
        List<Generation> plain = answers(aligned, SMALL, GREEDY);
        try (LogitPair pair = LogitPair.of(sft, aligned, 0);
                LogitPair other = LogitPair.of(sft, aligned, 6);
                LlamaContext context = LlamaContext.open(pair.model(), SMALL)) {
            List<Generation> far = answers(other.model(), SMALL, GREEDY);
            assertThat(far).isNotEqualTo(plain);
            assertThat(context.generate(PROMPTS, GREEDY)).isEqualTo(plain);
            pair.setAlpha(6);
            assertThat(pair.alpha()).isEqualTo(6);
            assertThat(context.generate(PROMPTS, GREEDY)).isEqualTo(far);
            pair.setAlpha(0);
            assertThat(context.generate(PROMPTS, GREEDY)).isEqualTo(plain);
        }
    }

    @Test
    void aChatReadsAgainWhatTheSftModelHasMissed() {
        try (LogitPair pair = LogitPair.of(sft, aligned, 6);
                ChatSession session = ChatSession.open(pair.model(), SMALL);
                ChatServer server = ChatServer.open(pair.model(), SMALL.withSequences(2))) {
            String far = session.answer(CHAT, GREEDY, piece -> {}).text();
            pair.setAlpha(0);
            String plain = session.answer(CHAT, GREEDY, piece -> {}).text();
            assertThat(plain).isNotEqualTo(far);
            try (ChatSession alone = ChatSession.open(aligned, SMALL)) {
                assertThat(plain)
                        .isEqualTo(alone.answer(CHAT, GREEDY, piece -> {}).text());
            }
            assertThat(server.answer(CHAT, GREEDY).result().text()).isEqualTo(plain);
            pair.setAlpha(6);
            assertThat(session.answer(CHAT, GREEDY, piece -> {}).text()).isEqualTo(far);
            assertThat(server.answer(CHAT, GREEDY).result().text()).isEqualTo(far);
            pair.setAlpha(5.5f); // what both have read stays
            session.answer(CHAT, GREEDY, piece -> {});
            assertThat(session.reusedTokens()).isPositive();
        }
    }

    @Test
    void answersAreTheSameAloneInBatchesAndPieceByPiece() {
        try (LogitPair pair = LogitPair.of(sft, aligned, 1.5f)) {
            List<Generation> alone = answers(pair.model(), SMALL, GREEDY);
            assertThat(answers(pair.model(), SMALL.withSequences(5), GREEDY)).isEqualTo(alone);
            assertThat(answers(pair.model(), SMALL.withSequences(3).withBatchTokens(5), GREEDY))
                    .isEqualTo(alone);
            try (LlamaContext context = LlamaContext.open(pair.model(), SMALL);
                    GenerationStream stream = context.stream(PROMPTS.getFirst(), GREEDY)) {
                stream.forEachRemaining(piece -> {});
                assertThat(stream.result()).isEqualTo(alone.getFirst());
            }
        }
    }

    @Test
    void aSeedDecidesTheAnswer() {
        try (LogitPair pair = LogitPair.of(sft, aligned, 1)) {
            List<Generation> first = answers(pair.model(), SMALL.withSequences(4), sampled(7));
            assertThat(answers(pair.model(), SMALL.withSequences(4), sampled(7)))
                    .isEqualTo(first);
            assertThat(answers(pair.model(), SMALL.withSequences(4), sampled(8)))
                    .isNotEqualTo(first);
        }
    }

    @Test
    void aGrammarHoldsForTheCombination() {
        GenerationOptions how = GREEDY.withGrammar(Grammar.parse("root ::= \"yes\" | \"no\""));
        try (LogitPair pair = LogitPair.of(sft, aligned, 3);
                LlamaContext context = LlamaContext.open(pair.model(), SMALL)) {
            assertThat(context.generate(PROMPTS.getFirst(), how).text()).isIn("yes", "no");
        }
    }

    @Test
    void logProbabilitiesAreOfTheCombination() {
        int[] tokens = aligned.tokenizePrompt(PROMPTS.getFirst());
        int last = tokens.length - 1;
        Passage passage = new Passage(tokens, last);
        try (LogitPair pair = LogitPair.of(sft, aligned, 2);
                LlamaContext context = LlamaContext.open(pair.model(), SMALL)) {
            float[] logits = context.logits(Arrays.copyOf(tokens, last));
            double expected = LogSoftmax.of(logits).logProbability(logits[tokens[last]]);
            assertThat(context.logProbabilities(List.of(passage)).getFirst()).containsExactly(expected);
        }
    }

    @Test
    void tokensAreMatchedByTheirText() throws IOException {
        // the SFT model with its tokens in another order says the same
        int count = sft.vocabularySize();
        int[] order =
                IntStream.range(0, count).map(i -> i < 3 ? i : count + 2 - i).toArray();
        Path permuted = OtherTokens.write(DemoFiles.SFT, dir, order, tokens -> tokens);
        try (LlamaModel other = LlamaModel.load(permuted, LoadOptions.defaults());
                LogitPair same = LogitPair.of(sft, aligned, 2);
                LogitPair pair = LogitPair.of(other, aligned, 2)) {
            int[] prompt = aligned.tokenizePrompt(PROMPTS.getFirst());
            assertThat(logits(other, prompt)).isNotEqualTo(logits(sft, prompt));
            assertThat(logits(pair.model(), prompt)).isEqualTo(logits(same.model(), prompt));
            assertThat(answers(pair.model(), SMALL, GREEDY)).isEqualTo(answers(same.model(), SMALL, GREEDY));
            assertThat(pair.unmatchedTokens()).isZero();
        }
    }

    @Test
    void tokensThatTheSftModelLacksKeepTheAlignedLogit() throws IOException {
        int missing = aligned.tokenizePrompt("Chile")[1];
        Path file = OtherTokens.write(DemoFiles.SFT, dir, tokens -> {
            tokens.set(missing, "another token");
            return tokens;
        });
        try (LlamaModel other = LlamaModel.load(file, LoadOptions.defaults());
                LogitPair pair = LogitPair.of(other, aligned, 2)) {
            assertThat(pair.unmatchedTokens()).isOne();
            assertThat(pair.unmatched()).containsExactly(missing);
            int[] prompt = aligned.tokenizePrompt("Which city");
            assertThat(logits(pair.model(), prompt)[missing]).isEqualTo(logits(aligned, prompt)[missing]);
            // and can be read
            assertThat(logits(pair.model(), new int[] {1, missing, 5})).doesNotContain(Float.NaN);
        }
    }

    @Test
    void otherVocabulariesAreRefused() throws IOException {
        Path file = OtherTokens.write(DemoFiles.SFT, dir, tokens -> {
            IntStream.range(0, tokens.size()).filter(i -> i > 2 && i % 5 > 0).forEach(i -> tokens.set(i, "other " + i));
            return tokens;
        });
        assertThatThrownBy(() -> LogitPair.open(file, DemoFiles.ALIGNED, 0.3f, LoadOptions.defaults()))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageMatching("other.gguf and guide-dpo-20-f16.gguf: the SFT model has only \\d+ of the aligned"
                        + " model's \\d+ tokens, expected at least half of them: .*, so take the SFT model that the"
                        + " aligned one was trained from");
    }

    @Test
    void wrongValuesAreRefused() {
        assertThatThrownBy(() -> LogitPair.of(sft, aligned, Float.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("alpha is NaN, expected a finite number");
        try (LogitPair pair = LogitPair.of(sft, aligned, 1)) {
            assertThatThrownBy(() -> pair.setAlpha(Float.POSITIVE_INFINITY))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("alpha is Infinity, expected a finite number");
            assertThatThrownBy(() -> LogitPair.of(sft, pair.model(), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("guide-dpo-20-f16.gguf has the logits of a pair already, expected a model by itself");
            pair.setAlpha(Float.MAX_VALUE);
            assertThatThrownBy(() -> answers(pair.model(), SMALL, GREEDY))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageEndingWith(
                            " at alpha 3.4028235E38, expected a number: alpha is too large to compute with");
        }
    }

    @Test
    void maskedAndBrokenLogits() {
        LogitMix mix = PairMix.of(sft, aligned, 1);
        float none = Float.NEGATIVE_INFINITY;
        assertThat(combine(mix, 1, new float[] {1, none, 3, none}, new float[] {0.5f, 2, none, none}))
                .containsExactly(1.5f, none, 3, none);
        for (float broken : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> combine(mix, 1, new float[] {1, 2}, new float[] {1, broken}))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessage("guide-sft-f16.gguf and guide-dpo-20-f16.gguf: the logit of token 1 is " + broken
                            + " in the SFT model by itself, whatever alpha is, expected a number: that model's weights"
                            + " hold NaN or infinity, or are too large to compute with");
            assertThatThrownBy(() -> combine(mix, 1, new float[] {broken}, new float[] {1}))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessageContaining(" in the aligned model by itself");
        }
    }

    private static float[] combine(LogitMix mix, float alpha, float[] to, float[] from) {
        float[] target = new float[to.length];
        mix.combine(
                alpha, MemorySegment.ofArray(to), List.of(MemorySegment.ofArray(from)), MemorySegment.ofArray(target));
        return target;
    }

    @Test
    void closesWhatItOpened() throws IOException {
        LogitPair pair = LogitPair.open(DemoFiles.SFT, DemoFiles.ALIGNED, 0.3f, LoadOptions.defaults());
        LlamaContext context = LlamaContext.open(pair.model(), SMALL);
        pair.close();
        pair.close();
        assertThat(context.logits(new int[] {1, 5})).isNotEmpty();
        context.close();
        assertThatThrownBy(pair::model)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
        assertThatThrownBy(() -> pair.setAlpha(2)).isInstanceOf(IllegalStateException.class);
        assertThat(answers(aligned, SMALL, GREEDY)).isNotEmpty();
    }

    private static GenerationOptions sampled(int seed) {
        return GREEDY.withSampling(SamplingOptions.seeded(seed).withTemperature(1.5f));
    }

    private static float[] logits(LlamaModel model, int[] tokens) {
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            return context.logits(tokens);
        }
    }

    private static List<Generation> answers(LlamaModel model, ContextOptions options, GenerationOptions how) {
        try (LlamaContext context = LlamaContext.open(model, options)) {
            return context.generate(PROMPTS, how);
        }
    }
}
