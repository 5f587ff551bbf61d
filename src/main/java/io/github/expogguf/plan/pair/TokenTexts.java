package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.StringElements;
import java.util.AbstractList;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;

/** The tokens of a vocabulary, and which of them are bytes and placeholders. Immutable. */
final class TokenTexts {

    static final String TOKENS = "tokenizer.ggml.tokens";
    static final String TYPES = "tokenizer.ggml.token_type";

    private static final int UNUSED = 5; // LLAMA_TOKEN_TYPE_UNUSED in llama.h
    private static final int BYTE = 6; // LLAMA_TOKEN_TYPE_BYTE

    private final StringElements texts;
    private final byte[] kinds; // of the first tokens; the others are text

    private TokenTexts(StringElements texts, byte[] kinds) {
        this.texts = texts;
        this.kinds = kinds;
    }

    /** Those of a model; empty if it does not list them. */
    static Optional<TokenTexts> of(Metadata metadata) {
        return list(metadata).map(tokens -> new TokenTexts(tokens.stringElements(), kinds(metadata)));
    }

    /** The list as it stands in the metadata. */
    static Optional<MetadataValue> list(Metadata metadata) {
        return metadata.get(TOKENS)
                .filter(value -> value.type() == MetadataType.ARRAY && value.elementType() == MetadataType.STRING);
    }

    private static byte[] kinds(Metadata metadata) {
        double[] types = metadata.get(TYPES)
                .filter(value -> value.type() == MetadataType.ARRAY
                        && value.elementType().isInteger())
                .map(MetadataValue::asDoubles)
                .orElse(new double[0]);
        byte[] kinds = new byte[types.length];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = (byte) (types[i] == BYTE || types[i] == UNUSED ? types[i] : 0);
        }
        return kinds;
    }

    int count() {
        return texts.count();
    }

    String text(int token) {
        return texts.text(token);
    }

    /** Whether two tokens are of one text, and both bytes, both placeholders, or neither. */
    boolean same(int token, TokenTexts other, int otherToken) {
        return kind(token) == other.kind(otherToken) && texts.same(token, other.texts, otherToken);
    }

    /** The same for tokens that are the same, and what nobody can foresee for others. */
    long hash(int token, long secret) {
        return texts.hash(token, secret, kind(token));
    }

    private int kind(int token) {
        return token < kinds.length ? kinds[token] : 0;
    }

    /** Some of the texts, decoded when they are asked for. */
    List<String> select(int[] tokens) {
        return new Selection(texts, tokens);
    }

    /** Immutable. */
    static final class Selection extends AbstractList<String> implements RandomAccess {
        private final StringElements texts;
        private final int[] tokens;

        private Selection(StringElements texts, int[] tokens) {
            this.texts = texts;
            this.tokens = tokens;
        }

        @Override
        public String get(int index) {
            return texts.text(tokens[index]);
        }

        @Override
        public int size() {
            return tokens.length;
        }
    }
}
