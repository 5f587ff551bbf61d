package io.github.expogguf;

/** Rules for tensors cannot be followed. */
public final class RuleException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** What rules decide. */
    public enum Decides {
        ALPHA("alpha"),
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

    private final Decides decides;

    /** @param decides what the rules decide */
    public RuleException(Decides decides, String message) {
        super(message);
        this.decides = decides;
    }

    /** What the rules decide. */
    public Decides decides() {
        return decides;
    }
}
