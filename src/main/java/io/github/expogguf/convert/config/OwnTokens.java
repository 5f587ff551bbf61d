package io.github.expogguf.convert.config;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The tokens of a checkpoint whose vocabulary differs from its template's in the tokens that were added: those that
 * {@code tokenizer.json} adds stand where it says, the others are the template's, and a row that neither has a token
 * for is a placeholder, as llama.cpp's converter writes it.
 *
 * @param texts  of the tokens, one for each row of the embedding
 * @param types  of them, as in a GGUF
 * @param common rows that are the same token's in the template, in order
 */
public record OwnTokens(List<String> texts, int[] types, int[] common) {

    private static final String PREFIX = "tokenizer.ggml.";
    private static final String TOKENS = PREFIX + "tokens";
    private static final String TYPES = PREFIX + "token_type";

    /** Those that llama.cpp v0.5.0 creates with {@code n_vocab} as their last dimension (src/models). */
    private static final Pattern MATRIX = Pattern.compile(
            "(token_embd|output|per_layer_token_embd|blk\\.\\d+\\.nextn\\.(embed_tokens|shared_head_head))\\.weight");

    /** Tokenizers whose tokens a converter takes as they are. */
    private static final List<String> KINDS = List.of("gpt2", "llama");

    // llama_token_type in llama.h
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    /**
     * Empty where the tokens are the template's, or are of a kind of which nothing is known, or where none is the same.
     *
     * @param added    tokens by number, as {@code tokenizer.json} adds them
     * @param rows     of the checkpoint's embedding
     * @param template metadata of the template
     * @param ofTemplate rows of the template's embedding
     */
    public static Optional<OwnTokens> of(Map<Long, String> added, int rows, Metadata template, long ofTemplate) {
        Optional<MetadataValue> list = template.get(TOKENS)
                .filter(value -> value.type() == MetadataType.ARRAY && value.elementType() == MetadataType.STRING);
        if (list.isEmpty()
                || !template.string(PREFIX + "model").map(KINDS::contains).orElse(false)) {
            return Optional.empty();
        }
        List<String> others = list.get().asStrings();
        double[] otherTypes = template.get(TYPES)
                .filter(value -> value.type() == MetadataType.ARRAY
                        && value.elementType().isInteger())
                .map(MetadataValue::asDoubles)
                .orElse(new double[0]);
        List<String> texts = new ArrayList<>();
        int[] types = new int[rows];
        int[] common = new int[rows];
        int count = 0;
        for (int token = 0; token < rows; token++) {
            boolean isThere = token < others.size();
            String other = isThere ? others.get(token) : "";
            int otherType = token < otherTypes.length ? (int) otherTypes[token] : NORMAL;
            String text = added.get((long) token);
            boolean wasAdded = otherType == CONTROL || otherType == USER_DEFINED;
            boolean isSame = isThere && (text == null ? !wasAdded : isText(text, other));
            texts.add(isSame ? other : text == null ? "[PAD" + token + "]" : text);
            types[token] = isSame ? otherType : text == null ? UNUSED : CONTROL;
            if (isSame) {
                common[count++] = token;
            }
        }
        boolean isOther = rows != ofTemplate || count < Math.min(rows, others.size());
        return isOther && count > 0 // nothing could be proven of other rows
                ? Optional.of(new OwnTokens(List.copyOf(texts), types, Arrays.copyOf(common, count)))
                : Optional.empty();
    }

    /** Whether a tensor is a matrix with a row for every token of the vocabulary. */
    public static boolean haveRowsIn(TensorInfo tensor) {
        return tensor.shape().rank() == 2 && MATRIX.matcher(tensor.name()).matches();
    }

    /** Converters write the spaces of some tokens as such. */
    private static boolean isText(String text, String inTemplate) {
        return text.equals(inTemplate) || text.replace('\u2581', ' ').equals(inTemplate);
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
