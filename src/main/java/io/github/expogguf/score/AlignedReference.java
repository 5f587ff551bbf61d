package io.github.expogguf.score;

import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LogSoftmax;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Progress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What the aligned model expects at a number of positions, kept to compare other models with: 32-bit logarithms of the
 * probabilities of the whole vocabulary, outside the Java heap. Where the positions of the passages do not fit into the
 * memory, every second, third, ... is taken. Serves one call at a time; a closed one throws
 * {@link IllegalStateException}.
 */
public final class AlignedReference implements AutoCloseable {

    /** Memory that does for 500 positions of a vocabulary of 128,000 tokens. */
    public static final long DEFAULT_BYTES = 256L << 20;

    private final List<Passage> passages;
    private final int vocabulary;
    private final int stride; // of the positions that are kept
    private final int[] starts; // scored tokens of all passages before
    private final int slots;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment logProbabilities; // float [slots, vocabulary]

    private AlignedReference(List<Passage> passages, int vocabulary, long maxBytes) {
        this.passages = Elements.copy(passages, "passages");
        this.vocabulary = vocabulary;
        this.starts = new int[passages.size()];
        int total = 0;
        for (int i = 0; i < passages.size(); i++) {
            starts[i] = total;
            total = Math.addExact(total, passages.get(i).scoredTokens());
        }
        long rowBytes = (long) Float.BYTES * vocabulary;
        long fitting = Math.max(1, maxBytes / rowBytes);
        this.stride = Math.toIntExact(Math.max(1, Math.ceilDiv(total, fitting)));
        this.slots = Math.ceilDiv(total, stride);
        this.logProbabilities = arena.allocate(Math.max(1, rowBytes * slots), Float.BYTES);
    }

    /**
     * Asks the aligned model.
     *
     * @param aligned  the aligned model, loaded
     * @param passages texts to compare on: {@link Passages#ofText} or {@link Passages#ofAnswers}
     * @param maxBytes most memory to keep; one position is kept at least
     * @param how      contexts, threads, what hears of progress, and what stops the work
     * @return the aligned model's probabilities
     */
    public static AlignedReference of(LlamaModel aligned, List<Passage> passages, long maxBytes, ComputeOptions how) {
        Objects.requireNonNull(aligned, "aligned");
        Elements.require(passages, "passages");
        Objects.requireNonNull(how, "how");
        AlignedReference reference = new AlignedReference(passages, aligned.vocabularySize(), maxBytes);
        boolean filled = false;
        try {
            Passages.read(aligned, reference.passages, Progress.Stage.ALIGNED_MODEL, how, reference::keep);
            filled = true;
            return reference;
        } finally {
            if (!filled) {
                reference.close();
            }
        }
    }

    private void keep(int passage, int position, float[] logits) {
        int slot = slot(passage, position);
        if (slot >= 0) {
            LogSoftmax softmax = LogSoftmax.of(logits);
            MemorySegment row = row(slot);
            for (int token = 0; token < vocabulary; token++) {
                row.setAtIndex(ValueLayout.JAVA_FLOAT, token, (float) softmax.logProbability(logits[token]));
            }
        }
    }

    /** Where a position is kept, or -1. */
    private int slot(int passage, int position) {
        int index = starts[passage] + position - passages.get(passage).firstScored();
        return index % stride == 0 ? index / stride : -1;
    }

    private MemorySegment row(int slot) {
        long rowBytes = (long) Float.BYTES * vocabulary;
        return logProbabilities.asSlice(slot * rowBytes, rowBytes);
    }

    /** {@return positions that are kept} */
    public int positions() {
        return slots;
    }

    /**
     * Compares a model with the aligned one.
     *
     * @param model a loaded model; it has to stay open meanwhile
     * @param how   contexts, threads, what hears of progress, and what stops the work
     * @return how far the two agree
     * @throws IllegalArgumentException if its vocabulary has another size
     */
    public Agreement compare(LlamaModel model, ComputeOptions how) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(how, "how");
        if (model.vocabularySize() != vocabulary) {
            throw new IllegalArgumentException(model.name() + ": a vocabulary of " + model.vocabularySize()
                    + " tokens, expected " + vocabulary + ", as the aligned model has");
        }
        double[] kl = new double[slots];
        double[] top1 = new double[slots];
        Passages.read(model, passages, Progress.Stage.AGREEMENT, how, (passage, position, logits) -> {
            int slot = slot(passage, position);
            if (slot >= 0) {
                float[] aligned = row(slot).toArray(ValueLayout.JAVA_FLOAT);
                kl[slot] = klDivergence(aligned, logits);
                top1[slot] = indexOfMax(aligned) == indexOfMax(logits) ? 1 : 0;
            }
        });
        return new Agreement(byPassage(kl), byPassage(top1), slots);
    }

    private static double klDivergence(float[] aligned, float[] logits) {
        LogSoftmax softmax = LogSoftmax.of(logits);
        double sum = 0;
        for (int token = 0; token < logits.length; token++) {
            double probability = Math.exp(aligned[token]);
            if (probability > 0) {
                sum += probability * (aligned[token] - softmax.logProbability(logits[token]));
            }
        }
        return sum;
    }

    private static int indexOfMax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    /** Means over the kept positions of each passage; those without any are left out. */
    private List<Double> byPassage(double[] values) {
        List<Double> means = new ArrayList<>();
        for (int passage = 0; passage < passages.size(); passage++) {
            int first = Math.ceilDiv(starts[passage], stride);
            int end = Math.ceilDiv(starts[passage] + passages.get(passage).scoredTokens(), stride);
            double sum = 0;
            for (int slot = first; slot < end; slot++) {
                sum += values[slot];
            }
            if (end > first) {
                means.add(sum / (end - first));
            }
        }
        return means;
    }

    /** Frees the memory. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
