package io.github.expogguf;

import java.util.Objects;

/** A chat template that is missing, cannot be evaluated, or does not pass a conversation on to the model. */
public final class ChatTemplateException extends InferenceException {

    /** What is wrong. */
    public enum Reason {
        /** The model has none. */
        MISSING,
        /** It is wrong, or uses what cannot be evaluated. */
        NOT_EVALUATED,
        /** It refuses the conversation in its own words. */
        REFUSES,
        /** It is empty, or leaves out what the user says. */
        LEAVES_OUT
    }

    /** What is wrong. */
    private final Reason reason;

    /**
     * A failure with what there is to know about it.
     *
     * @param reason  what kind of failure it is
     * @param message what is wrong, in which template and line
     */
    public ChatTemplateException(Reason reason, String message) {
        super(message);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** {@return what is wrong} */
    public Reason reason() {
        return reason;
    }
}
