package io.github.expogguf.convert.proof;

import io.github.expogguf.convert.gather.Gathering;

/** One way in which the values of a tensor may be made. */
record Candidate(String rule, Gathering gathering, Closeness closeness, float[] values) {

    boolean isZero() {
        for (float value : values) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }
}
