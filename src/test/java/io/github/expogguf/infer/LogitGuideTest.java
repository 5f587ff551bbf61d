package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.infer.prompt.ChatMessage;
import io.github.expogguf.testing.DemoFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model that was trained on all preferences, steered by what training on a fifth of them changed. */
final class LogitGuideTest {

    private static final ContextOptions SMALL =
            ContextOptions.defaults().withContextTokens(256).withThreads(1);
    private static final GenerationOptions GREEDY = GenerationOptions.greedy(48);
    private static final List<String> PROMPTS = DemoFiles.prompts("text").subList(0, 12);
    private static LlamaModel large;
    private static LlamaModel sft;
    private static LlamaModel aligned;

    @TempDir
    private Path dir;

    @BeforeAll
    static void load() throws Exception {
        large = LlamaModel.load(DemoFiles.DPO_100, LoadOptions.defaults());
        sft = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
        aligned = LlamaModel.load(DemoFiles.ALIGNED, LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        large.close();
        sft.close();
        aligned.close();
    }

    @Test
    void logitsAreThoseOfTheFormula() {
        int[] prompt = large.tokenizePrompt(PROMPTS.getFirst());
        float[] own = logits(large, prompt);
        float[] from = logits(sft, prompt);
        float[] to = logits(aligned, prompt);
        for (float alpha : new float[] {-1, 0.5f, 1, 7.5f}) {
            try (LogitGuide guide = LogitGuide.of(large, sft, aligned, alpha)) {
                float[] expected = new float[own.length];
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = own[i] + alpha * (to[i] - from[i]);
                }
                assertThat(logits(guide.model(), prompt)).isEqualTo(expected);
            }
        }
    }

    @Test
    void alphaZeroIsTheModel() {
        try (LogitGuide guide = LogitGuide.of(large, sft, aligned, 0)) {
            assertThat(answers(guide.model(), SMALL)).isEqualTo(answers(large, SMALL));
        }
    }

    @Test
    void alphaWhichAPairCannotComputeIsRefusedToo() {
        try (LogitGuide guide = LogitGuide.of(aligned, sft, aligned, 1e38f);
                LogitPair pair = LogitPair.of(sft, aligned, 1e38f)) {
            for (LlamaModel model : List.of(guide.model(), pair.model())) {
                assertThatThrownBy(() -> answers(model, SMALL))
                        .hasMessageEndingWith(
                                "NaN at alpha 1.0E38, expected a number: alpha is too large to compute with");
            }
        }
    }

    @Test
    void aGuideMayBeSmallerThanWhatItSteers() throws IOException {
        Path first = FewerBlocks.write(DemoFiles.SFT, dir, 2);
        Path last = FewerBlocks.write(DemoFiles.ALIGNED, dir, 2);
        int[] prompt = large.tokenizePrompt(PROMPTS.getFirst());
        try (LlamaModel from = LlamaModel.load(first, LoadOptions.defaults());
                LlamaModel to = LlamaModel.load(last, LoadOptions.defaults());
                LogitGuide guide = LogitGuide.of(large, from, to, 0)) {
            assertThat(from.parameterCount()).isLessThan(large.parameterCount());
            List<Generation> own = answers(large, SMALL);
            assertThat(answers(guide.model(), SMALL)).isEqualTo(own);
            guide.setAlpha(4);
            float[] expected = logits(large, prompt);
            float[] before = logits(from, prompt);
            float[] after = logits(to, prompt);
            for (int i = 0; i < expected.length; i++) {
                expected[i] += 4 * (after[i] - before[i]);
            }
            assertThat(logits(guide.model(), prompt)).isEqualTo(expected);
            List<Generation> steered = answers(guide.model(), SMALL);
            assertThat(steered).isNotEqualTo(own);
            assertThat(answers(guide.model(), SMALL.withSequences(5))).isEqualTo(steered);
        }
    }

    @Test
    void aModelGuidedByItselfIsThePairExtrapolated() {
        int[] prompt = aligned.tokenizePrompt(PROMPTS.getFirst());
        try (LogitGuide guide = LogitGuide.of(aligned, sft, aligned, 2);
                LogitPair pair = LogitPair.of(sft, aligned, 2)) {
            assertThat(logits(guide.model(), prompt))
                    .usingComparatorWithPrecision(1e-4f)
                    .containsExactly(logits(pair.model(), prompt));
        }
    }

    @Test
    void answersAreTheSameAloneAndInBatches() {
        try (LogitGuide guide = LogitGuide.of(large, sft, aligned, 3)) {
            List<Generation> alone = answers(guide.model(), SMALL);
            assertThat(alone).isNotEqualTo(answers(large, SMALL));
            assertThat(answers(guide.model(), SMALL.withSequences(5))).isEqualTo(alone);
            assertThat(answers(guide.model(), SMALL.withSequences(3).withBatchTokens(5)))
                    .isEqualTo(alone);
        }
    }

    @Test
    void aChatReadsAgainWhatThePairHasMissed() {
        List<ChatMessage> chat = List.of(ChatMessage.user("Which city rules Chile?"));
        try (LogitGuide guide = LogitGuide.of(large, sft, aligned, 6);
                ChatSession session = ChatSession.open(guide.model(), SMALL)) {
            String far = session.answer(chat, GREEDY, piece -> {}).text();
            guide.setAlpha(0);
            String plain = session.answer(chat, GREEDY, piece -> {}).text();
            try (ChatSession alone = ChatSession.open(large, SMALL)) {
                assertThat(plain)
                        .isEqualTo(alone.answer(chat, GREEDY, piece -> {}).text());
            }
            guide.setAlpha(6);
            assertThat(session.answer(chat, GREEDY, piece -> {}).text()).isEqualTo(far);
            guide.setAlpha(5.5f); // what all three have read stays
            session.answer(chat, GREEDY, piece -> {});
            assertThat(session.reusedTokens()).isPositive();
        }
    }

    @Test
    void tokensAreMatchedByTheirText() throws IOException {
        int count = sft.vocabularySize();
        int[] order =
                IntStream.range(0, count).map(i -> i < 3 ? i : count + 2 - i).toArray();
        Path permuted = OtherTokens.write(DemoFiles.SFT, dir, order, tokens -> tokens);
        try (LlamaModel other = LlamaModel.load(permuted, LoadOptions.defaults());
                LogitGuide guide = LogitGuide.of(large, other, aligned, 2);
                LogitGuide same = LogitGuide.of(large, sft, aligned, 2)) {
            int[] prompt = large.tokenizePrompt(PROMPTS.getFirst());
            assertThat(logits(guide.model(), prompt)).isEqualTo(logits(same.model(), prompt));
            assertThat(answers(guide.model(), SMALL)).isEqualTo(answers(same.model(), SMALL));
            assertThat(guide.unmatchedTokens()).isZero();
        }
    }

    @Test
    void tokensThatOneOfThePairLacksKeepTheModelsLogit() throws IOException {
        int missing = large.tokenizePrompt("Chile")[1];
        Path file = OtherTokens.write(DemoFiles.ALIGNED, dir, tokens -> {
            tokens.set(missing, "another token");
            return tokens;
        });
        try (LlamaModel other = LlamaModel.load(file, LoadOptions.defaults());
                LogitGuide guide = LogitGuide.of(large, sft, other, 2)) {
            assertThat(guide.unmatchedTokens()).isOne();
            int[] prompt = large.tokenizePrompt("Which city");
            assertThat(logits(guide.model(), prompt)[missing]).isEqualTo(logits(large, prompt)[missing]);
            assertThat(logits(guide.model(), prompt)).isNotEqualTo(logits(large, prompt));
        }
    }

    @Test
    void otherVocabulariesAreRefused() throws IOException {
        Path file = OtherTokens.write(DemoFiles.ALIGNED, dir, tokens -> {
            IntStream.range(0, tokens.size()).filter(i -> i > 2 && i % 5 > 0).forEach(i -> tokens.set(i, "other " + i));
            return tokens;
        });
        assertThatThrownBy(() -> LogitGuide.open(DemoFiles.DPO_100, DemoFiles.SFT, file, 1, LoadOptions.defaults()))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageMatching("other.gguf and guide-dpo-100-f16.gguf: the model of the guide has only \\d+ of the"
                        + " guided model's \\d+ tokens, expected at least half of them: .*, so take a guide of the same"
                        + " family");
    }

    @Test
    void wrongValuesAreRefused() {
        assertThatThrownBy(() -> LogitGuide.of(large, sft, aligned, Float.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("alpha is NaN, expected a finite number");
        try (LogitPair pair = LogitPair.of(sft, aligned, 1)) {
            assertThatThrownBy(() -> LogitGuide.of(large, sft, pair.model(), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("guide-dpo-20-f16.gguf has the logits of a pair already, expected a model by itself");
        }
    }

    @Test
    void closesWhatItOpened() throws IOException {
        LogitGuide guide =
                LogitGuide.open(DemoFiles.DPO_100, DemoFiles.SFT, DemoFiles.ALIGNED, 1, LoadOptions.defaults());
        LlamaContext context = LlamaContext.open(guide.model(), SMALL);
        guide.close();
        guide.close();
        assertThat(context.logits(new int[] {1, 5})).isNotEmpty();
        context.close();
        assertThatThrownBy(guide::model)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
        assertThatThrownBy(() -> guide.setAlpha(2)).isInstanceOf(IllegalStateException.class);
    }

    private static float[] logits(LlamaModel model, int[] tokens) {
        try (LlamaContext context = LlamaContext.open(model, SMALL)) {
            return context.logits(tokens);
        }
    }

    private static List<Generation> answers(LlamaModel model, ContextOptions options) {
        try (LlamaContext context = LlamaContext.open(model, options)) {
            return context.generate(PROMPTS, GREEDY);
        }
    }
}
