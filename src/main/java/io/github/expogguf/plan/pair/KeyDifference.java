package io.github.expogguf.plan.pair;

import io.github.expogguf.text.Escape;
import java.util.Optional;

/**
 * A hyper-parameter that two models have different values of.
 *
 * @param key     as it stands in the files
 * @param sft     what the SFT model has
 * @param aligned what the aligned model has
 * @param matters whether llama.cpp computes something else from it
 */
record KeyDifference(String key, Value sft, Value aligned, boolean matters) {

    /** Values by layer can be long. */
    private static final int MAX_SHOWN = 60;

    /**
     * A value in one file.
     *
     * @param stated  what the file says; empty if it says nothing
     * @param missing what llama.cpp takes if it says nothing; empty where nobody knows
     */
    record Value(Optional<String> stated, Optional<String> missing) {

        /** As in {@code 32}, or {@code nothing, which means 0}. */
        @Override
        public String toString() {
            return stated.map(Value::shown)
                    .orElse("nothing"
                            + missing.map(text -> ", which means " + shown(text))
                                    .orElse(""));
        }

        private static String shown(String text) {
            return Escape.text(text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…");
        }
    }

    /** As in {@code llama.logit_scale: the SFT model has 2, the aligned model nothing, which means 1}. */
    @Override
    public String toString() {
        return Escape.text(key) + ": the SFT model has " + sft + ", the aligned model has " + aligned;
    }
}
