package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.testing.DemoFiles;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Penalties for what was said already, against a plain computation. */
final class PenaltiesTest {

    private static final String PROMPT = "<|user|>Which city rules Chile?<|assistant|>";
    private static final int CONTEXT = 128;

    private static LlamaModel model;
    private static LlamaContext context;

    @BeforeAll
    static void load() throws Exception {
        model = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
        context = LlamaContext.open(
                model, ContextOptions.defaults().withContextTokens(CONTEXT).withThreads(1));
    }

    @AfterAll
    static void close() {
        context.close();
        model.close();
    }

    private static List<SamplingOptions> penalties() {
        return List.of(
                SamplingOptions.builder().repeatPenalty(4).build(),
                SamplingOptions.builder().repeatPenalty(5).repeatLastN(5).build(),
                SamplingOptions.builder().repeatPenalty(0.2f).repeatLastN(12).build(),
                SamplingOptions.builder().frequencyPenalty(4).build(),
                SamplingOptions.builder().presencePenalty(8).repeatLastN(20).build(),
                SamplingOptions.builder()
                        .repeatPenalty(1.1f)
                        .frequencyPenalty(-0.5f)
                        .presencePenalty(9)
                        .repeatLastN(SamplingOptions.WHOLE_CONTEXT)
                        .build());
    }

    /** As llama_sampler_penalties_apply (llama-sampler.cpp v0.5.0), with nothing kept from one token to the next. */
    private static List<Integer> plainly(SamplingOptions how, int maxTokens) {
        List<Integer> text = new ArrayList<>();
        for (int token : model.tokenizePrompt(PROMPT)) {
            text.add(token);
        }
        int prompt = text.size();
        while (text.size() < prompt + maxTokens) {
            float[] logits =
                    context.logits(text.stream().mapToInt(Integer::intValue).toArray());
            int window = how.repeatLastN() < 0 ? CONTEXT : how.repeatLastN();
            List<Integer> last = text.subList(Math.max(0, text.size() - window), text.size());
            for (int token : new HashSet<>(last)) {
                int count = Collections.frequency(last, token);
                float scaled =
                        logits[token] <= 0 ? logits[token] * how.repeatPenalty() : logits[token] / how.repeatPenalty();
                logits[token] = scaled - (count * how.frequencyPenalty() + how.presencePenalty());
            }
            int best = 0;
            for (int token = 1; token < logits.length; token++) {
                best = logits[token] > logits[best] ? token : best;
            }
            if (model.isEndOfGeneration(best)) {
                break;
            }
            text.add(best);
        }
        return text.subList(prompt, text.size());
    }

    @Test
    void greedyAnswersTakeTheMostLikelyTokenAfterThem() {
        Set<List<Integer>> different = new HashSet<>();
        for (SamplingOptions how : penalties()) {
            GenerationOptions options = GenerationOptions.greedy(40).withSampling(how);
            List<Integer> answer = context.generate(PROMPT, options).tokens();
            assertThat(answer).as("%s", how).isEqualTo(plainly(how, 40));
            different.add(answer);
        }
        assertThat(different).hasSizeGreaterThan(3);
    }

    @Test
    void everyConversationHasItsOwn() {
        int[] prompt = model.tokenizePrompt(PROMPT);
        try (ChatServer server = ChatServer.open(
                model, ContextOptions.defaults().withSequences(3).withContextTokens(CONTEXT))) {
            List<ChatAnswer> answers = penalties().stream()
                    .map(how ->
                            server.answer(prompt, GenerationOptions.greedy(40).withSampling(how)))
                    .toList();
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).result().tokens())
                        .isEqualTo(plainly(penalties().get(i), 40));
            }
        }
    }

    @Test
    void thoseThatAreOffChangeNothing() {
        SamplingOptions seeded = SamplingOptions.seeded(3);
        assertThat(seeded.hasPenalties()).isFalse();
        SamplingOptions nowhere =
                seeded.toBuilder().repeatPenalty(2).repeatLastN(0).build();
        assertThat(nowhere.hasPenalties()).isFalse();
        GenerationOptions how = GenerationOptions.greedy(40);
        assertThat(context.generate(PROMPT, how.withSampling(nowhere)))
                .isEqualTo(context.generate(PROMPT, how.withSampling(seeded)));
        assertThat(context.generate(
                        PROMPT,
                        how.withSampling(seeded.toBuilder().presencePenalty(5).build())))
                .isNotEqualTo(context.generate(PROMPT, how.withSampling(seeded)));
    }

    @Test
    void numbersOutOfTheirRangesAreRefused() {
        assertThatThrownBy(() -> SamplingOptions.builder().repeatPenalty(0).build())
                .hasMessage("repeatPenalty is 0.0, expected more than 0");
        assertThatThrownBy(() -> SamplingOptions.builder().repeatLastN(-2).build())
                .hasMessage("repeatLastN is -2, expected -1 or more");
        assertThatThrownBy(() ->
                        SamplingOptions.builder().frequencyPenalty(Float.NaN).build())
                .hasMessage("frequencyPenalty is NaN, expected a number");
    }
}
