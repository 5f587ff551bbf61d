package io.github.expogguf.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.PromptException;
import io.github.expogguf.infer.ContextOptions;
import io.github.expogguf.infer.LlamaContext;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.testing.DemoFiles;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Perplexity, divergence and agreement against sums over one sequence and one prefix at a time. */
final class AgreementTest {

    private static final int CHUNK = 16;
    private static final long PLENTY = 1L << 24;
    private static final ComputeOptions HOW = ComputeOptions.defaults().withThreads(1);
    private static LlamaModel sft;
    private static LlamaModel dpo;
    private static List<Passage> passages;

    @BeforeAll
    static void load() throws Exception {
        sft = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
        dpo = LlamaModel.load(DemoFiles.DPO_100, LoadOptions.defaults());
        passages =
                Passages.ofText(sft, "text", DemoFiles.calibrationText(), CHUNK).subList(0, 6);
    }

    @AfterAll
    static void close() {
        sft.close();
        dpo.close();
    }

    private static double[] probabilities(LlamaModel model, Passage passage, int position) {
        try (LlamaContext context = LlamaContext.open(
                model, ContextOptions.defaults().withContextTokens(256).withThreads(1))) {
            float[] logits = context.logits(Arrays.copyOf(passage.tokens(), position));
            double[] probabilities = new double[logits.length];
            double sum = 0;
            for (int i = 0; i < logits.length; i++) {
                probabilities[i] = Math.exp(logits[i]);
                sum += probabilities[i];
            }
            for (int i = 0; i < logits.length; i++) {
                probabilities[i] /= sum;
            }
            return probabilities;
        }
    }

    @Test
    void textIsCutAsLlamaPerplexityCutsIt() {
        String text = DemoFiles.calibrationText();
        int[] tokens = sft.tokenize(text);
        List<Passage> all = Passages.ofText(sft, "text", text, CHUNK);
        assertThat(all).hasSize(tokens.length / CHUNK);
        for (int i = 0; i < all.size(); i++) {
            int[] chunk = Arrays.copyOfRange(tokens, i * CHUNK, (i + 1) * CHUNK);
            chunk[0] = 1; // BOS
            assertThat(all.get(i).tokens()).isEqualTo(chunk);
            assertThat(all.get(i).scoredTokens()).isEqualTo(CHUNK - 1 - CHUNK / 2);
        }
        assertThat(Passages.ofText(sft, "text", text, 0).getFirst().tokens()).hasSize(512);
        assertThatThrownBy(() -> Passages.ofText(sft, "short.txt", "Hello, friend!", CHUNK))
                .isInstanceOf(PromptException.class)
                .hasMessageMatching("short.txt: the text has \\d+ tokens, expected at least 16 \\(one chunk\\)");
    }

    @Test
    void perplexityIsTheExponentialOfTheMeanSurprise() {
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (Passage passage : passages) {
            for (int position = passage.firstScored(); position < CHUNK; position++) {
                double surprise = -Math.log(probabilities(sft, passage, position)[passage.tokens()[position]]);
                sum += surprise;
                squares += surprise * surprise;
                count++;
            }
        }
        double mean = sum / count;
        Perplexity measured = Perplexity.of(sft, passages, HOW.withSequences(3));
        assertThat(measured.tokens()).isEqualTo(count);
        assertThat(measured.value()).isEqualTo(Math.exp(mean), within(0.01 * Math.exp(mean)));
        double error = Math.sqrt((squares / count - mean * mean) / (count - 1)) * Math.exp(mean);
        assertThat(measured.error()).isEqualTo(error, within(0.02 * error));
    }

    @Test
    void divergenceAndAgreementAreTheTextbooks() {
        double[] kl = new double[passages.size()];
        double[] top1 = new double[passages.size()];
        for (int i = 0; i < kl.length; i++) {
            Passage passage = passages.get(i);
            for (int position = passage.firstScored(); position < CHUNK; position++) {
                double[] p = probabilities(dpo, passage, position);
                double[] q = probabilities(sft, passage, position);
                int best = 0;
                int other = 0;
                for (int token = 0; token < p.length; token++) {
                    kl[i] += p[token] * Math.log(p[token] / q[token]) / passage.scoredTokens();
                    best = p[token] > p[best] ? token : best;
                    other = q[token] > q[other] ? token : other;
                }
                top1[i] += best == other ? 1.0 / passage.scoredTokens() : 0;
            }
        }
        try (AlignedReference reference = AlignedReference.of(dpo, passages, PLENTY, HOW)) {
            Agreement agreement = reference.compare(sft, HOW.withSequences(2));
            assertThat(agreement.positions()).isEqualTo(passages.size() * (CHUNK - 1 - CHUNK / 2));
            assertThat(agreement.kl().stream().mapToDouble(x -> x).toArray()).containsExactly(kl, within(0.01));
            assertThat(agreement.top1().stream().mapToDouble(x -> x).toArray()).containsExactly(top1, within(1e-9));
            assertThat(agreement.meanKl()).isGreaterThan(0.01);
        }
    }

    @Test
    void aModelAgreesWithItself() {
        try (AlignedReference reference = AlignedReference.of(dpo, passages, PLENTY, HOW)) {
            Agreement agreement = reference.compare(dpo, HOW);
            assertThat(agreement.meanKl()).isEqualTo(0, within(1e-6));
            assertThat(agreement.meanTop1()).isEqualTo(1);
        }
    }

    @Test
    void memoryIsBounded() {
        long rowBytes = 4L * sft.vocabularySize();
        try (AlignedReference all = AlignedReference.of(dpo, passages, PLENTY, HOW);
                AlignedReference third = AlignedReference.of(dpo, passages, 14 * rowBytes, HOW);
                AlignedReference one = AlignedReference.of(dpo, passages, 0, HOW)) {
            assertThat(all.positions()).isEqualTo(42);
            assertThat(third.positions()).isEqualTo(14);
            assertThat(one.positions()).isEqualTo(1);
            assertThat(third.compare(sft, HOW).kl()).hasSize(6);
            assertThat(third.compare(sft, HOW).meanKl())
                    .isEqualTo(all.compare(sft, HOW).meanKl(), within(0.1));
            assertThat(one.compare(sft, HOW).kl()).hasSize(1);
        }
    }

    @Test
    void aClosedReferenceSaysSo() {
        AlignedReference reference = AlignedReference.of(dpo, passages, PLENTY, HOW);
        reference.close();
        reference.close();
        assertThatThrownBy(() -> reference.compare(sft, HOW)).isInstanceOf(IllegalStateException.class);
    }
}
