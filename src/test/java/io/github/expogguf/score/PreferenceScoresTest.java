package io.github.expogguf.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.CancelledException;
import io.github.expogguf.PromptException;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class PreferenceScoresTest {

    private static final double ROUNDING = 0.05; // of a sum of some 20 logarithms, see LogProbabilitiesTest
    private static final ComputeOptions HOW = ComputeOptions.defaults().withThreads(1);
    private static LlamaModel sft;
    private static LlamaModel dpo;

    @BeforeAll
    static void load() throws Exception {
        sft = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
        dpo = LlamaModel.load(DemoFiles.DPO_100, LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        sft.close();
        dpo.close();
    }

    /** The independent path: the text as the demo's README describes it, one sequence, one prefix at a time. */
    private static double logProbability(String question, String answer) {
        int[] prompt = sft.tokenizePrompt("<|user|>" + question + "<|assistant|>");
        int[] whole = sft.tokenizePrompt("<|user|>" + question + "<|assistant|>" + answer + "</s>");
        assertThat(whole).startsWith(prompt).endsWith(2);
        double sum = 0;
        try (LlamaContext context = LlamaContext.open(
                sft, ContextOptions.defaults().withContextTokens(256).withThreads(1))) {
            for (int position = prompt.length; position < whole.length; position++) {
                float[] logits = context.logits(Arrays.copyOf(whole, position));
                double total = 0;
                for (float logit : logits) {
                    total += Math.exp(logit);
                }
                sum += logits[whole[position]] - Math.log(total);
            }
        }
        return sum;
    }

    @Test
    void logProbabilitiesAreThoseOfOneSequenceAtATime() {
        List<Preference> pairs = DemoFiles.preferences(6);
        requireOneAtATime(pairs, HOW.withSequences(4));
        requireOneAtATime(pairs, HOW.withThreads(2));
    }

    private static void requireOneAtATime(List<Preference> pairs, ComputeOptions how) {
        List<PairLogProbabilities> measured = PreferenceScores.measure(sft, pairs, how);
        for (int i = 0; i < pairs.size(); i++) {
            Preference pair = pairs.get(i);
            assertThat(measured.get(i).chosen())
                    .isEqualTo(logProbability(question(pair), pair.chosen().content()), within(ROUNDING));
            assertThat(measured.get(i).rejected())
                    .isEqualTo(logProbability(question(pair), pair.rejected().content()), within(ROUNDING));
        }
    }

    private static String question(Preference pair) {
        return pair.messages().getFirst().content();
    }

    @Test
    void scoresFollowTheirFormulas() {
        PairLogProbabilities aligned = new PairLogProbabilities(-6, 3, -20, 5);
        PairLogProbabilities before = new PairLogProbabilities(-8, 3, -19, 5);
        assertThat(aligned.margin()).isEqualTo(14);
        assertThat(aligned.marginPerToken()).isEqualTo(2);
        assertThat(aligned.implicitReward(before, 0.5)).isEqualTo(0.5 * (2 - -1));
        assertThat(PreferenceScores.implicitRewards(List.of(aligned), List.of(before), 1))
                .containsExactly(3.0);
        assertThat(PreferenceScores.hits(List.of(0.1, -3.0, 0.0))).containsExactly(1.0, 0.0, 0.5);
        assertThatThrownBy(() -> PreferenceScores.implicitRewards(List.of(aligned), List.of(), 1))
                .hasMessageContaining("1 pairs and 0 of the sft model");
    }

    @Test
    void alignmentRaisesTheMargins() {
        List<Preference> pairs = DemoFiles.preferences(60);
        List<PairLogProbabilities> before = PreferenceScores.measure(sft, pairs, HOW);
        List<PairLogProbabilities> after = PreferenceScores.measure(dpo, pairs, HOW);
        List<Double> rewards = PreferenceScores.implicitRewards(after, before, 0.1);
        assertThat(mean(rewards)).isGreaterThan(0.2);
        assertThat(mean(PreferenceScores.hits(rewards))).isGreaterThan(0.7);
        assertThat(mean(PreferenceScores.margins(after))).isGreaterThan(mean(PreferenceScores.margins(before)));
        assertThat(mean(PreferenceScores.marginsPerToken(after)))
                .isGreaterThan(mean(PreferenceScores.marginsPerToken(before)));
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(value -> value).average().orElseThrow();
    }

    @Test
    void refusesPairsThatDoNotFit() {
        Preference pair = new Preference("Why?", "Because. ".repeat(200), "No.", "pairs.jsonl:9");
        assertThatThrownBy(() -> PreferenceScores.measure(sft, List.of(pair), HOW))
                .isInstanceOf(PromptException.class)
                .hasMessageMatching("pairs.jsonl:9: the prompt with the chosen answer has \\d+ tokens, expected at most"
                        + " 512 \\(what the model was trained with\\)");
        assertThatThrownBy(() -> PreferenceScores.measure(sft, DemoFiles.preferences(1), HOW.withContextTokens(10)))
                .isInstanceOf(PromptException.class)
                .hasMessageContaining("expected at most 10 (the size of the context)");
    }

    @Test
    void refusesEmptyTexts() {
        assertThatThrownBy(() -> new Preference("  ", "a", "b")).hasMessage("the prompt is empty");
        assertThatThrownBy(() -> new Preference("a", "\n", "b")).hasMessage("the chosen answer is empty");
        assertThatThrownBy(() -> new Preference("a", "b", "")).hasMessage("the rejected answer is empty");
        assertThatThrownBy(() -> Prompt.of(" ")).hasMessage("the prompt is empty");
    }

    @Test
    void reportsProgressAndStops() {
        List<Long> heard = new ArrayList<>();
        PreferenceScores.measure(sft, DemoFiles.preferences(3), HOW.withListener(progress -> {
            assertThat(progress.stage()).isEqualTo(Progress.Stage.LOG_PROBABILITIES);
            assertThat(progress.total()).isEqualTo(6);
            heard.add(progress.done());
        }));
        assertThat(heard).isSorted().startsWith(0L).endsWith(6L);
        ComputeOptions cancelled = HOW.withCancellation(new Cancellation());
        cancelled.cancellation().cancel();
        assertThatThrownBy(() -> PreferenceScores.measure(sft, DemoFiles.preferences(3), cancelled))
                .isInstanceOf(CancelledException.class);
    }
}
