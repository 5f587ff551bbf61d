package io.github.expogguf.infer.jinja;

/** A template that uses what this package does not know, that is wrong, or that refuses its input. */
public final class JinjaException extends Exception {

    private static final int MAX_MESSAGE = 1000; // a template may refuse with any text

    private final boolean raisedByTemplate;
    private final int line;

    private JinjaException(String message, boolean raisedByTemplate, int line) {
        super(message);
        this.raisedByTemplate = raisedByTemplate;
        this.line = line;
    }

    static JinjaException unsupported(String what) {
        return new JinjaException(what, false, 0);
    }

    static JinjaException raised(String message) {
        return new JinjaException(
                message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...", true, 0);
    }

    /** The line of the template, from 1, where it happened; 0 where there is none. */
    public int line() {
        return line;
    }

    /** Whether the template itself refuses the conversation, by calling {@code raise_exception}. */
    public boolean isRaisedByTemplate() {
        return raisedByTemplate;
    }
}
