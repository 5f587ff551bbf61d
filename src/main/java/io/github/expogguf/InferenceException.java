package io.github.expogguf;

/** llama.cpp refused to load a model, to tokenize or to generate; the message holds its last words. */
public sealed class InferenceException extends ExpoException permits ChatTemplateException {

    /**
     * A failure with what there is to know about it.
     *
     * @param message what failed, where
     */
    public InferenceException(String message) {
        super(message);
    }
}
