package io.github.expogguf.verify;

/** What a verification looks at, in its order. */
public enum Check {
    /** The header follows every rule of the format, and the data lies inside the file. */
    STRUCTURE("structure"),
    /** ggml's own reader sees the same header. */
    GGML_READER("ggml's reader"),
    /** No value of any tensor is infinite or NaN. */
    FINITE_VALUES("finite values"),
    /** Tensors and metadata have the checksums that were recorded when the file was written. */
    CHECKSUMS("checksums"),
    /** The types of the tensors are those that the recipe leads to. */
    RECIPE("recipe"),
    /** Every byte of every tensor is what the recipe gives with the inputs. */
    RECOMPUTATION("recomputation");

    private final String label;

    Check(String label) {
        this.label = label;
    }

    /** {@return the name for people} */
    public String label() {
        return label;
    }

    /** How a check ended. */
    public enum Outcome {
        /** Nothing is wrong. */
        PASSED,
        /** Something is, as a {@link Finding} says. */
        FAILED,
        /** What differs is what the version of llama.cpp that made the file does differently. */
        OTHER_VERSION,
        /**
         * What it needs is not there: checksums or a recipe in the file, inputs, llama.cpp's libraries, or a check
         * before it that passed.
         */
        NOT_DONE
    }
}
