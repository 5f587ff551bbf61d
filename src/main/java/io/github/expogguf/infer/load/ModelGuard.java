package io.github.expogguf.infer.load;

import io.github.expogguf.InferenceException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.text.Escape;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Refuses models on which llama.cpp would end the process instead of returning an error: what its hyper-parameters
 * (llama-model.cpp), vocabulary (llama-vocab.cpp) and shards (llama-model-loader.cpp) in v0.5.0 rely on in the metadata
 * of every architecture; {@link ArchitectureGuard} has those of single ones. It is not a
 * proof, so a model from an untrusted source is best loaded in a process of its own.
 */
public final class ModelGuard {

    private static final Set<String> NO_MODELS = Set.of("adapter", "imatrix", "mmproj");
    private static final String PROJECTOR = "clip"; // of images or sound, mmproj
    private static final long MAX_LAYERS = 512; // LLAMA_MAX_LAYERS, llama-hparams.h
    private static final long MAX_EXPERTS = 1024; // LLAMA_MAX_EXPERTS, llama-hparams.h
    private static final List<String> ROPE_SCALINGS = List.of("none", "linear", "yarn", "longrope");

    private static final List<String> EPSILONS =
            List.of("attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon", "attention.group_norm_epsilon");
    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final long MAX_TOKENS = 1 << 19; // the largest vocabularies have half as many
    private static final long MAX_ELEMENTS = 1 << 22;

    private final String file;
    private final Metadata metadata;
    private final String prefix;

    private ModelGuard(String file, Metadata metadata) {
        this.file = file;
        this.metadata = metadata;
        this.prefix = metadata.architecture() + ".";
    }

    /**
     * Throws {@link UnsupportedTypeException} for metadata of what is written beside models (GGUFType of gguf-py), of
     * which llama.cpp says only what it lacks.
     */
    public static void requireModel(String file, Metadata metadata) {
        String type = metadata.string("general.type").orElse("model");
        if (NO_MODELS.contains(type)) {
            throw new UnsupportedTypeException(file + ": general.type is '" + type + "', expected a model");
        }
        if (metadata.architecture().equals(PROJECTOR)) {
            throw new UnsupportedTypeException(
                    file + ": general.architecture is '" + PROJECTOR + "', expected that of a language model");
        }
    }

    /**
     * Throws {@link InferenceException} unless the metadata is harmless, and {@link UnsupportedTypeException} as
     * {@link #requireModel} does; {@code file} is for messages.
     */
    public static void check(String file, Metadata metadata) {
        requireModel(file, metadata);
        ModelGuard guard = new ModelGuard(file, metadata);
        guard.checkLayers();
        guard.checkExperts();
        guard.checkRopeScaling();
        guard.checkEpsilons();
        guard.checkArrays();
        guard.checkTokens();
        guard.checkSplit();
        ArchitectureGuard.check(file, metadata);
    }

    private void checkLayers() {
        if (metadata.get(prefix + "block_count").isEmpty()) {
            return; // an error that llama.cpp reports
        }
        long layers = maximum("block_count");
        requireRange("block_count", layers, 1, MAX_LAYERS);
        for (String part : new String[] {"nextn_predict_layers", "posnet.block_count", "convnext.block_count"}) {
            requireRange(part, maximum(part), 0, layers);
        }
    }

    private void checkExperts() {
        long experts = maximum("expert_count");
        long used = maximum("expert_used_count");
        long groups = maximum("expert_group_count");
        requireRange("expert_count", experts, 0, MAX_EXPERTS);
        requireRange("expert_used_count", used, experts == 0 ? 0 : 1, experts);
        requireRange("expert_group_count", groups, 0, Math.max(0, experts - 1));
        if (groups > 1) {
            String expected = "a multiple of expert_group_count " + groups;
            require(experts % groups == 0, prefix + "expert_count", experts, expected);
            requireRange("expert_group_used_count", maximum("expert_group_used_count"), 1, groups - 1);
        }
    }

    private void checkRopeScaling() {
        String key = prefix + "rope.scaling.type";
        metadata.string(key)
                .ifPresent(type ->
                        require(ROPE_SCALINGS.contains(type), key, Escape.quote(type), "one of " + ROPE_SCALINGS));
    }

    /** What ggml_compute_forward_norm and its kin rely on. */
    private void checkEpsilons() {
        for (String name : EPSILONS) {
            metadata.get(prefix + name)
                    .filter(value -> value.type().isFloat())
                    .ifPresent(value -> require(value.asDouble() >= 0, prefix + name, value, "0 or more"));
        }
    }

    private void checkTokens() {
        MetadataValue tokens = metadata.get(TOKENS).orElse(null);
        if (tokens == null
                || tokens.type() != MetadataType.ARRAY
                || tokens.elementType() != MetadataType.STRING
                || metadata.string("tokenizer.ggml.model").orElse("").equals("hybriddna")) { // renames its duplicates
            return;
        }
        boolean isHashed = metadata.string("tokenizer.ggml.model").orElse("").equals("test"); // modulo their number
        require(tokens.elementCount() > 0 || !isHashed, TOKENS, "of 0 elements", "at least 1");
        Set<ByteBuffer> seen = new HashSet<>();
        int index = 0;
        for (byte[] token : tokens.asByteStrings()) {
            byte[] text = untilNul(token, index);
            if (!seen.add(ByteBuffer.wrap(text))) {
                throw new InferenceException(file + ": tokenizer.ggml.tokens: token " + index + " "
                        + Escape.quote(new String(text, StandardCharsets.UTF_8))
                        + " is there already, expected different tokens");
            }
            index++;
        }
    }

    /** llama.cpp prints every array into a string before it cuts it, and a vocabulary into several maps. */
    private void checkArrays() {
        metadata.asMap().forEach((key, value) -> {
            if (value.type() == MetadataType.ARRAY) {
                long most = key.equals(TOKENS) ? MAX_TOKENS : MAX_ELEMENTS;
                require(
                        value.elementCount() <= most,
                        key,
                        "of " + value.elementCount() + " elements",
                        "at most " + most);
            }
        });
    }

    /** The token as llama.cpp sees it: a C string, and an empty one gets a name. */
    private static byte[] untilNul(byte[] token, int index) {
        int length = 0;
        while (length < token.length && token[length] != 0) {
            length++;
        }
        return length == 0
                ? ("[EMPTY_" + index + "]").getBytes(StandardCharsets.US_ASCII)
                : Arrays.copyOf(token, length);
    }

    private void checkSplit() {
        metadata.get("split.no")
                .ifPresent(value -> require(
                        value.type() == MetadataType.UINT16, "split.no", "of type " + value.typeName(), "a UINT16"));
    }

    /** The integer of a key of the architecture, the largest of an array of integers, or 0. */
    private long maximum(String name) {
        MetadataValue value = metadata.get(prefix + name).orElse(null);
        if (value == null) {
            return 0;
        }
        if (value.isInteger()) {
            return value.asLong();
        }
        boolean integers =
                value.type() == MetadataType.ARRAY && value.elementType().isInteger();
        return integers ? Arrays.stream(value.asLongs()).max().orElse(0) : 0;
    }

    private void requireRange(String name, long value, long least, long most) {
        require(least <= value && value <= most, prefix + name, value, least + " to " + most);
    }

    private void require(boolean holds, String key, Object actual, String expected) {
        if (!holds) {
            throw refused(key, actual, expected);
        }
    }

    private InferenceException refused(String key, Object actual, String expected) {
        return new InferenceException(file + ": " + Escape.text(key) + " is " + actual + ", expected " + expected);
    }
}
