package io.github.expogguf.convert.config;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.safetensors.CheckpointTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a checkpoint whose vocabulary differs from its template's: those that {@code tokenizer.json} has, in
 * the template's words where the template has them, too; a row without a token is a placeholder, as llama.cpp's
 * converter writes it.
 *
 * @param texts        of the tokens, one for each row of the embedding
 * @param types        of them, as in a GGUF
 * @param common       rows of tokens that the template has, too, in order
 * @param counterparts the rows of the same tokens in the template
 */
public record OwnTokens(List<String> texts, int[] types, int[] common, int[] counterparts) {

    private static final String PREFIX = "tokenizer.ggml.";
    private static final String TOKENS = PREFIX + "tokens";
    private static final String TYPES = PREFIX + "token_type";

    /** Those that llama.cpp v0.5.0 creates with {@code n_vocab} as their last dimension (src/models). */
    private static final Pattern MATRIX = Pattern.compile(
            "(token_embd|output|per_layer_token_embd|blk\\.\\d+\\.nextn\\.(embed_tokens|shared_head_head))\\.weight");

    private static final String VECTOR = "output.bias";

    /** Tokenizers whose tokens a converter takes as they are. */
    private static final List<String> KINDS = List.of("gpt2", "llama", "gemma4");

    private static final int NONE = -1;

    // llama_token_type in llama.h
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int UNUSED = 5;

    /**
     * Empty where the tokens are the template's, or are of a kind of which nothing is known, or where none is the same.
     *
     * @param tokens     of the checkpoint
     * @param rows       of the checkpoint's embedding
     * @param template   metadata of the template
     * @param ofTemplate rows of the template's embedding
     * @throws io.github.expogguf.SafetensorsFormatException if a token has a number that no row can have
     */
    public static Optional<OwnTokens> of(CheckpointTokens tokens, int rows, Metadata template, long ofTemplate) {
        if (!areKnown(template)) {
            return Optional.empty();
        }
        tokens.requireRows(rows);
        Listed listed = Listed.of(template);
        int[] numbers = new int[rows]; // of the same tokens in the template
        int same = 0;
        for (int token = 0; token < rows; token++) {
            boolean isSame = listed.isSame(token, tokens.text(token));
            numbers[token] = isSame ? token : NONE;
            same += isSame ? 1 : 0;
        }
        if (rows == ofTemplate && same >= Math.min(rows, listed.texts.size())) {
            return Optional.empty();
        }
        listed.find(tokens, numbers);
        return listed.with(tokens, numbers);
    }

    /** Whether a model says which tokens its rows are of. */
    public static boolean areListed(Metadata metadata) {
        return metadata.get(TOKENS)
                .filter(value -> value.type() == MetadataType.ARRAY && value.elementType() == MetadataType.STRING)
                .isPresent();
    }

    /** Numbers of tokens that are none, whose rows pad a matrix; nobody trained them. */
    public static BitSet padding(Metadata template) {
        BitSet padding = new BitSet();
        if (areListed(template)) {
            Listed listed = Listed.of(template);
            for (int token = 0; token < listed.texts.size(); token++) {
                padding.set(
                        token,
                        listed.type(token) == UNUSED || listed.texts.get(token).equals(Listed.placeholder(token)));
            }
        }
        return padding;
    }

    /** Whether the tokens of a model are of a kind that a converter takes as they are. */
    public static boolean areKnown(Metadata metadata) {
        return areListed(metadata)
                && metadata.string(PREFIX + "model").map(KINDS::contains).orElse(false);
    }

    /** The tokens of a template. */
    private record Listed(List<String> texts, double[] types) {

        static Listed of(Metadata template) {
            double[] types = template.get(TYPES)
                    .filter(value -> value.type() == MetadataType.ARRAY
                            && value.elementType().isInteger())
                    .map(MetadataValue::asDoubles)
                    .orElse(new double[0]);
            return new Listed(template.get(TOKENS).orElseThrow().asStrings(), types);
        }

        private int type(int token) {
            return token < types.length ? (int) types[token] : NORMAL;
        }

        /** Whether the checkpoint's token of a number is the template's of that number; no text is a placeholder. */
        boolean isSame(int token, @Nullable String text) {
            if (token >= texts.size()) {
                return false;
            }
            String other = texts.get(token);
            return text == null
                    ? type(token) == UNUSED || other.equals(placeholder(token))
                    : text.equals(other) || inTemplate(text).equals(other);
        }

        /** Finds tokens that have other numbers, each once. */
        void find(CheckpointTokens tokens, int[] numbers) {
            Map<String, Integer> places = new HashMap<>();
            for (int place = texts.size() - 1; place >= 0; place--) {
                if (place >= numbers.length || numbers[place] == NONE) { // is not taken
                    places.put(texts.get(place), place);
                }
            }
            for (int token = 0; token < numbers.length; token++) {
                String text = tokens.text(token);
                if (numbers[token] == NONE && text != null) {
                    Integer place = places.remove(places.containsKey(text) ? text : inTemplate(text));
                    numbers[token] = place == null ? NONE : place;
                }
            }
        }

        Optional<OwnTokens> with(CheckpointTokens tokens, int[] numbers) {
            List<String> own = new ArrayList<>();
            int[] ownTypes = new int[numbers.length];
            int[] common = new int[numbers.length];
            int[] counterparts = new int[numbers.length];
            int count = 0;
            for (int token = 0; token < numbers.length; token++) {
                int number = numbers[token];
                String text = tokens.text(token);
                if (number != NONE) {
                    own.add(texts.get(number));
                    ownTypes[token] = type(number);
                    common[count] = token;
                    counterparts[count++] = number;
                } else {
                    own.add(text == null ? placeholder(token) : text);
                    ownTypes[token] =
                            text == null ? UNUSED : tokens.added().containsKey((long) token) ? CONTROL : NORMAL;
                }
            }
            return count == 0 // nothing could be proven of other rows
                    ? Optional.empty()
                    : Optional.of(new OwnTokens(
                            List.copyOf(own),
                            ownTypes,
                            Arrays.copyOf(common, count),
                            Arrays.copyOf(counterparts, count)));
        }

        private static String placeholder(int token) {
            return "[PAD" + token + "]";
        }

        /** Converters write the spaces of some tokens as such. */
        private static String inTemplate(String text) {
            return text.replace('\u2581', ' ');
        }
    }

    /** Whether a tensor has a row for every token of the vocabulary, or in a vector a value. */
    public static boolean areRowsOf(TensorInfo tensor) {
        return haveRowsIn(tensor) || haveValuesIn(tensor);
    }

    /** Whether a tensor is a matrix with a row for every token of the vocabulary. */
    public static boolean haveRowsIn(TensorInfo tensor) {
        return tensor.shape().rank() == 2 && MATRIX.matcher(tensor.name()).matches();
    }

    /** Whether a tensor is a vector with a value for every token of the vocabulary. */
    public static boolean haveValuesIn(TensorInfo tensor) {
        return tensor.shape().rank() == 1 && tensor.name().equals(VECTOR);
    }

    /** A template's metadata with these tokens, without what goes by the numbers of the template's. */
    public Map<String, MetadataValue> in(Metadata template) {
        Map<String, MetadataValue> values = new LinkedHashMap<>(template.asMap());
        values.keySet().removeIf(key -> key.startsWith(PREFIX) && key.endsWith("_token_id"));
        values.remove(PREFIX + "scores");
        values.put(TOKENS, MetadataValue.ofStrings(texts));
        values.put(TYPES, MetadataValue.ofInt32s(types));
        values.computeIfPresent(
                template.architecture() + ".vocab_size", (_, _) -> MetadataValue.ofUint32(texts.size()));
        return values;
    }
}
