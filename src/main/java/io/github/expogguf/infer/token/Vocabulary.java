package io.github.expogguf.infer.token;

import io.github.expogguf.InferenceException;
import io.github.expogguf.bindings.Llama;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The calls on a {@code llama_vocab}. Borrows it from its model; the caller keeps the model open meanwhile. Reads
 * only, so any number of threads may call.
 */
public final class Vocabulary {

    private static final int FIRST_PIECE_BYTES = 64;

    private final MemorySegment vocab;
    private final int size;
    private volatile @Nullable TokenPieces texts; // of all tokens, when they are asked for

    public Vocabulary(MemorySegment vocab) {
        this.vocab = vocab;
        this.size = Llama.llama_vocab_n_tokens(vocab);
    }

    public MemorySegment pointer() {
        return vocab;
    }

    public int size() {
        return size;
    }

    public boolean isEndOfGeneration(int token) {
        return Llama.llama_vocab_is_eog(vocab, token);
    }

    public int beginOfSequence() {
        return Llama.llama_vocab_bos(vocab);
    }

    public int endOfSequence() {
        return Llama.llama_vocab_eos(vocab);
    }

    public int separator() {
        return Llama.llama_vocab_sep(vocab);
    }

    /** Whether the metadata asks for BOS before a text. */
    public boolean addsBegin() {
        return Llama.llama_vocab_get_add_bos(vocab);
    }

    /** Whether the metadata asks for EOS behind a text. */
    public boolean addsEnd() {
        return Llama.llama_vocab_get_add_eos(vocab);
    }

    /** The bytes that every token stands for, but control tokens, which stand for none. */
    public TokenPieces texts() {
        TokenPieces found = texts;
        if (found == null) {
            synchronized (this) {
                found = texts == null ? readTexts() : texts;
                texts = found;
            }
        }
        return found;
    }

    private TokenPieces readTexts() {
        return new TokenPieces(
                IntStream.range(0, size).mapToObj(token -> piece(token, false)).toArray(byte[][]::new));
    }

    public int[] tokenize(String text, boolean addSpecial, boolean parseSpecial) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(Math.max(1, bytes.length)).copyFrom(MemorySegment.ofArray(bytes));
            // a token per byte, a prefix and two special tokens are the usual maximum
            int capacity = Math.addExact(bytes.length, 4);
            MemorySegment target = arena.allocate(ValueLayout.JAVA_INT, capacity);
            int count = Llama.llama_tokenize(vocab, source, bytes.length, target, capacity, addSpecial, parseSpecial);
            if (count < 0 && count != Integer.MIN_VALUE) {
                capacity = -count;
                target = arena.allocate(ValueLayout.JAVA_INT, capacity);
                count = Llama.llama_tokenize(vocab, source, bytes.length, target, capacity, addSpecial, parseSpecial);
            }
            if (count < 0) {
                throw new InferenceException("a text of " + bytes.length + " bytes cannot be tokenized");
            }
            return target.asSlice(0, 4L * count).toArray(ValueLayout.JAVA_INT);
        }
    }

    /** As llama-server's format_prompt_rerank (server-common.cpp, llama.cpp v0.5.0) joins query and document. */
    public int[] tokenizePair(String first, String second) {
        IntStream.Builder tokens = IntStream.builder();
        int end = endOfSequence() >= 0 ? endOfSequence() : separator();
        addIf(tokens, addsBegin(), beginOfSequence());
        IntStream.of(tokenize(first, false, false)).forEach(tokens);
        addIf(tokens, addsEnd(), end);
        addIf(tokens, Llama.llama_vocab_get_add_sep(vocab), separator());
        IntStream.of(tokenize(second, false, false)).forEach(tokens);
        addIf(tokens, addsEnd(), end);
        return tokens.build().toArray();
    }

    private static void addIf(IntStream.Builder tokens, boolean isWanted, int token) {
        if (isWanted && token >= 0) {
            tokens.add(token);
        }
    }

    public String detokenize(int[] tokens, boolean removeSpecial, boolean unparseSpecial) {
        for (int token : tokens) {
            requireToken(token);
        }
        if (tokens.length == 0) {
            return "";
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocateFrom(ValueLayout.JAVA_INT, tokens);
            int capacity = Math.multiplyExact(8, tokens.length);
            MemorySegment target = arena.allocate(capacity);
            int bytes = Llama.llama_detokenize(
                    vocab, source, tokens.length, target, capacity, removeSpecial, unparseSpecial);
            if (bytes < 0) {
                capacity = -bytes;
                target = arena.allocate(capacity);
                bytes = Llama.llama_detokenize(
                        vocab, source, tokens.length, target, capacity, removeSpecial, unparseSpecial);
            }
            return new String(target.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    /** The bytes that a token stands for; none for a control token unless {@code special}. */
    public byte[] piece(int token, boolean special) {
        requireToken(token);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(FIRST_PIECE_BYTES);
            int bytes = Llama.llama_token_to_piece(vocab, token, target, FIRST_PIECE_BYTES, 0, special);
            if (bytes < 0) {
                target = arena.allocate(-bytes);
                bytes = Llama.llama_token_to_piece(vocab, token, target, -bytes, 0, special);
            }
            return target.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** The bytes of a token as text; those that are no text by themselves as in {@code <0xE4><0xB8>}. */
    public String text(int token) {
        byte[] bytes = piece(token, true);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException partOfCharacter) {
            return HexFormat.of()
                    .withUpperCase()
                    .withPrefix("<0x")
                    .withSuffix(">")
                    .formatHex(bytes);
        }
    }

    /** llama.cpp expects tokens of the vocabulary. */
    public void requireToken(int token) {
        if (token < 0 || token >= size) {
            throw new IllegalArgumentException("token " + token + " is not in the vocabulary of " + size + " tokens");
        }
    }
}
