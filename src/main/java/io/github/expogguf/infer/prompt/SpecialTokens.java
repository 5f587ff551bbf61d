package io.github.expogguf.infer.prompt;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The special tokens of a model by the names under which transformers gives them to a template ({@code
 * special_tokens_map}, tokenization_utils_base.py): those that the model has, and no others.
 */
public final class SpecialTokens {

    private static final Map<String, String> KEYS = keys();
    /** Where the keys are missing, a SentencePiece vocabulary has these (load, llama-vocab.cpp, llama.cpp v0.5.0). */
    private static final Map<String, Long> SENTENCE_PIECE = Map.of("bos_token", 1L, "eos_token", 2L, "unk_token", 0L);

    private SpecialTokens() {}

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("bos_token", "bos_token_id");
        keys.put("eos_token", "eos_token_id");
        keys.put("unk_token", "unknown_token_id");
        keys.put("sep_token", "seperator_token_id"); // spelt so in every file
        keys.put("pad_token", "padding_token_id");
        keys.put("cls_token", "cls_token_id");
        keys.put("mask_token", "mask_token_id");
        return keys;
    }

    /**
     * Name to text, unmodifiable.
     *
     * @param metadata metadata of a model's file
     * @return the texts by their names, unmodifiable
     */
    public static Map<String, String> of(Metadata metadata) {
        Objects.requireNonNull(metadata, "metadata");
        List<String> tokens = metadata.get("tokenizer.ggml.tokens")
                .filter(value -> value.type() == MetadataType.ARRAY && value.elementType() == MetadataType.STRING)
                .map(MetadataValue::asStrings)
                .orElse(List.of());
        boolean isSentencePiece =
                metadata.string("tokenizer.ggml.model").orElse("").equals("llama");
        Map<String, String> texts = new LinkedHashMap<>();
        KEYS.forEach((name, key) -> {
            long id = metadata.get("tokenizer.ggml." + key)
                    .filter(MetadataValue::isInteger)
                    .map(MetadataValue::asLong)
                    .orElse(isSentencePiece ? SENTENCE_PIECE.getOrDefault(name, -1L) : -1L);
            if (id >= 0 && id < tokens.size()) {
                texts.put(name, tokens.get((int) id));
            }
        });
        return Collections.unmodifiableMap(texts);
    }
}
