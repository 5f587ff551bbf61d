package io.github.expogguf.infer.token;

import io.github.expogguf.infer.prompt.ChatPrompt;
import io.github.expogguf.infer.prompt.ChatPrompt.Writer;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/**
 * Makes tokens of a text that may or may not have the special tokens of its beginning and end already, so that they are
 * there once: what the model's metadata asks for ({@code tokenizer.ggml.add_bos_token}, {@code add_eos_token}) and the
 * text has not is added. {@code llama_tokenize} with {@code add_special} writes BOS twice where a template wrote it,
 * and EOS behind a prompt that an answer shall follow.
 */
public final class PromptTokens {

    private final Vocabulary words;
    private final boolean isBert; // whose tokens [CLS] and [SEP] llama_tokenize adds whatever the metadata asks for

    public PromptTokens(Vocabulary words, boolean isBert) {
        this.words = words;
        this.isBert = isBert;
    }

    /** The token that is put before every text, or -1. */
    public int added() {
        return isBert || words.addsBegin() ? words.beginOfSequence() : -1;
    }

    private int addedEnd() {
        return isBert ? words.separator() : words.addsEnd() ? words.endOfSequence() : -1;
    }

    /** The text of a token, empty if there is none. */
    public String text(int token) {
        return token < 0 ? "" : new String(words.piece(token, true), StandardCharsets.UTF_8);
    }

    /**
     * Makes tokens of a text in which the names of control tokens stand for these.
     *
     * @param isFinished whether the text is complete; else something is to follow, and nothing is put behind it
     */
    public ChatPrompt of(String text, boolean isFinished) {
        int added = added();
        String begin = text(words.beginOfSequence());
        boolean hasBegin = !begin.isEmpty() && text.stripLeading().startsWith(begin);
        boolean isAdded = added >= 0 && !hasBegin;
        // as a token, because a vocabulary may have its name as plain text
        boolean isReplaced = added >= 0 && hasBegin && text.startsWith(begin);
        int[] tokens = words.tokenize(isReplaced ? text.substring(begin.length()) : text, false, true);

        int addedEnd = isFinished ? addedEnd() : -1;
        String end = text(addedEnd >= 0 ? addedEnd : words.endOfSequence());
        boolean hasEnd = !end.isEmpty() && text.stripTrailing().endsWith(end);
        boolean isEndAdded = addedEnd >= 0 && !hasEnd;
        return new ChatPrompt(
                (isAdded ? begin : "") + text + (isEndAdded ? end : ""),
                IntStream.concat(
                                IntStream.concat(one(added, isAdded || isReplaced), IntStream.of(tokens)),
                                one(addedEnd, isEndAdded))
                        .toArray(),
                writer(hasBegin, isAdded),
                writer(hasEnd, isEndAdded));
    }

    private static IntStream one(int token, boolean isWanted) {
        return isWanted ? IntStream.of(token) : IntStream.empty();
    }

    private static Writer writer(boolean isThere, boolean isAdded) {
        return isThere ? Writer.TEMPLATE : isAdded ? Writer.TOKENIZER : Writer.NOBODY;
    }
}
