package io.github.expogguf.work;

import java.util.Objects;

/**
 * How far some work is.
 *
 * @param stage  what is being done, which also says what is counted
 * @param tensor tensor that was worked on last; empty where there is none
 * @param done   {@link Stage#unit units} of the stage that are done, those of an earlier run included
 * @param total  units of the whole stage
 */
public record Progress(Stage stage, String tensor, long done, long total) {

    /** Checks that nothing is null. */
    public Progress {
        Objects.requireNonNull(stage, "stage");
        Objects.requireNonNull(tensor, "tensor");
    }

    /** {@return how much of all is done, 0 to 1; 1 where there is nothing to do} */
    public double fraction() {
        return total <= 0 ? 1 : Math.clamp((double) done / total, 0.0, 1.0);
    }

    /** What is counted. */
    public enum Unit {
        /** Bytes of tensors; where two models are read, of the aligned one; when verifying, of the output. */
        BYTES,
        /** Texts: prompts, answers, passages, or chunks. */
        TEXTS
    }

    /** Parts of a run, in their order; then those of running models. */
    public enum Stage {
        /** Re-reading what an earlier run left; only where a run resumes one. */
        RESUME(Unit.BYTES),
        /** Copying tensors of an earlier output that would come out the same. */
        REUSE(Unit.BYTES),
        /** Looking for tensors that are the same in both models. */
        COMPARE(Unit.BYTES),
        /** Reading all checkpoints for the line that they follow; only where a step of training is predicted. */
        FIT(Unit.BYTES),
        /** Quantizing a sample to every type that tensors may get; only where a size is asked for. */
        MEASURE(Unit.BYTES),
        /** Dequantizing, extrapolating, quantizing, writing. */
        EXTRAPOLATE(Unit.BYTES),
        /** The same of one model, of which nothing is extrapolated. */
        QUANTIZE(Unit.BYTES),
        /** Reading the delta again and again, and writing its factors; only where an adapter is exported. */
        FACTOR(Unit.BYTES),
        /** Re-reading what was written. */
        VERIFY(Unit.BYTES),
        /** Reading a model into memory to compute with it. */
        LOAD(Unit.BYTES),
        /** Reading a text for an importance matrix. */
        IMATRIX(Unit.TEXTS),
        /** Answering prompts. */
        ANSWERS(Unit.TEXTS),
        /** Scoring answers with whatever a search was given for that. */
        SCORES(Unit.TEXTS),
        /** Scoring answers with a reward model. */
        REWARDS(Unit.TEXTS),
        /** Reading texts with the aligned model, which others are then compared with. */
        ALIGNED_MODEL(Unit.TEXTS),
        /** Comparing a model with the aligned one. */
        AGREEMENT(Unit.TEXTS),
        /** Reading a text for its perplexity. */
        PERPLEXITY(Unit.TEXTS),
        /** Reading preferences for how likely their answers are. */
        LOG_PROBABILITIES(Unit.TEXTS),
        /** Reading texts for whatever the caller makes of them. */
        READ(Unit.TEXTS);

        private final Unit unit;

        Stage(Unit unit) {
            this.unit = unit;
        }

        /** {@return what is counted} */
        public Unit unit() {
            return unit;
        }
    }

    /** Hears of progress, on one thread at a time, often; should return soon. */
    @FunctionalInterface
    public interface Listener {

        /**
         * Takes note.
         *
         * @param progress how far the work is
         */
        void progress(Progress progress);
    }
}
