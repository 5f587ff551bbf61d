package io.github.expogguf;

/** Rules for tensors cannot be followed. */
public final class RuleException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** What rules decide. */
    public enum Decides {
        /** Of {@link io.github.expogguf.plan.options.TensorAlphaRule}s. */
        ALPHA("alpha"),
        /** Of {@link io.github.expogguf.plan.options.TensorTypeRule}s. */
        TYPE("types");

        private final String text;

        Decides(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** What the rule is about. */
    private final Decides decides;

    /**
     * A failure with what there is to know about it.
     *
     * @param decides what the rules decide
     * @param message what the rule does, or does not
     */
    public RuleException(Decides decides, String message) {
        super(message);
        this.decides = decides;
    }

    /** {@return what the rules decide} */
    public Decides decides() {
        return decides;
    }
}
