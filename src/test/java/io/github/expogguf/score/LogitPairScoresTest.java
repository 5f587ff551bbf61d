package io.github.expogguf.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.LogitPair;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.testing.DemoFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Scores of extrapolated logits, against those computed from what each model says by itself. */
final class LogitPairScoresTest {

    private static final float ALPHA = 2.5f;
    private static final double ROUNDING = 0.05; // of a sum of some 20 logarithms, see LogProbabilitiesTest
    private static final ComputeOptions HOW =
            ComputeOptions.defaults().withThreads(1).withSequences(4);
    private static LlamaModel sft;
    private static LlamaModel aligned;
    private static LogitPair pair;

    @BeforeAll
    static void load() throws Exception {
        sft = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
        aligned = LlamaModel.load(DemoFiles.DPO_100, LoadOptions.defaults());
        pair = LogitPair.of(sft, aligned, ALPHA);
    }

    @AfterAll
    static void close() {
        pair.close();
        sft.close();
        aligned.close();
    }

    /** By position, the logarithms of the probabilities at an alpha: two contexts, one prefix at a time, doubles. */
    private static List<double[]> expected(Passage passage, float alpha) {
        List<double[]> all = new ArrayList<>();
        ContextOptions small = ContextOptions.defaults().withContextTokens(256).withThreads(1);
        try (LlamaContext from = LlamaContext.open(sft, small);
                LlamaContext to = LlamaContext.open(aligned, small)) {
            for (int position = passage.firstScored(); position < passage.tokens().length; position++) {
                int[] prefix = Arrays.copyOf(passage.tokens(), position);
                float[] ofSft = from.logits(prefix);
                float[] ofAligned = to.logits(prefix);
                double[] logits = new double[ofSft.length];
                double total = 0;
                for (int token = 0; token < logits.length; token++) {
                    logits[token] = (1 + (double) alpha) * ofAligned[token] - (double) alpha * ofSft[token];
                    total += Math.exp(logits[token]);
                }
                double sum = Math.log(total);
                all.add(Arrays.stream(logits).map(logit -> logit - sum).toArray());
            }
        }
        return all;
    }

    /** The logarithm of the probability of the whole passage. */
    private static double expectedSum(Passage passage) {
        List<double[]> all = expected(passage, ALPHA);
        double sum = 0;
        for (int i = 0; i < all.size(); i++) {
            sum += all.get(i)[passage.tokens()[passage.firstScored() + i]];
        }
        return sum;
    }

    @Test
    void preferencesAreOfTheCombination() {
        List<Preference> preferences = DemoFiles.preferences(4);
        List<PairLogProbabilities> measured = PreferenceScores.measure(pair.model(), preferences, HOW);
        ChatText chat = new ChatText(aligned);
        for (int i = 0; i < preferences.size(); i++) {
            Preference preference = preferences.get(i);
            Passage chosen = chat.answered(preference.messages(), preference.chosen());
            Passage rejected = chat.answered(preference.messages(), preference.rejected());
            assertThat(measured.get(i).chosen()).isEqualTo(expectedSum(chosen), within(ROUNDING));
            assertThat(measured.get(i).rejected()).isEqualTo(expectedSum(rejected), within(ROUNDING));
        }
        assertThat(measured).isNotEqualTo(PreferenceScores.measure(aligned, preferences, HOW));
    }

    @Test
    void perplexityAndDivergenceAreOfTheCombination() {
        List<Passage> passages = Passages.ofText(aligned, "prompts", String.join("\n", DemoFiles.prompts("text")), 64)
                .subList(0, 3);
        double surprise = 0;
        double divergence = 0;
        int positions = 0;
        for (Passage passage : passages) {
            surprise -= expectedSum(passage);
            List<double[]> there = expected(passage, ALPHA);
            List<double[]> zero = expected(passage, 0);
            for (int i = 0; i < there.size(); i++) {
                positions++;
                for (int token = 0; token < there.get(i).length; token++) {
                    double p = Math.exp(zero.get(i)[token]);
                    divergence += p * (zero.get(i)[token] - there.get(i)[token]);
                }
            }
        }
        Perplexity perplexity = Perplexity.of(pair.model(), passages, HOW);
        assertThat(perplexity.value()).isEqualTo(Math.exp(surprise / positions), within(0.001 * perplexity.value()));
        try (AlignedReference reference = AlignedReference.of(aligned, passages, AlignedReference.DEFAULT_BYTES, HOW)) {
            Agreement agreement = reference.compare(pair.model(), HOW);
            double mean =
                    agreement.kl().stream().mapToDouble(kl -> kl).average().orElseThrow();
            assertThat(mean)
                    .isEqualTo(divergence / positions, within(0.001 * mean))
                    .isGreaterThan(0.01);
        }
    }

    @Test
    void threadsDecideNoScore() {
        List<Preference> preferences = DemoFiles.preferences(4);
        List<PairLogProbabilities> one = PreferenceScores.measure(pair.model(), preferences, HOW);
        List<PairLogProbabilities> three = PreferenceScores.measure(pair.model(), preferences, HOW.withThreads(3));
        for (int i = 0; i < one.size(); i++) {
            // llama.cpp's own sums depend on its threads in their last bits
            assertThat(three.get(i).margin()).isEqualTo(one.get(i).margin(), within(ROUNDING));
        }
    }
}
