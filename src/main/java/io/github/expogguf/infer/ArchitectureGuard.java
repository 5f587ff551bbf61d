package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What single architectures of llama.cpp v0.4.0 assert of their hyper-parameters, or divide by (src/models/*.cpp). The
 * sets hold the architectures of the files where such a line stands; models that people have satisfy all of this.
 */
final class ArchitectureGuard {

    /** {@code GGML_ASSERT(n_embd_head == hparams.n_embd_head_k())}, n_embd_head being the length of values. */
    private static final Set<String> KEYS_AS_LONG_AS_VALUES = words("""
            afmoe apertus arcee arctic baichuan bailingmoe2 bert bitnet bloom chameleon chatglm codeshell
            cogvlm cohere2 cohere2moe command-r dbrx deci deepseek dots1 dream ernie4_5 ernie4_5-moe
            eurobert exaone exaone-moe exaone4 falcon glm4 glm4moe gpt2 gptneox granite granite_swa
            granitehybrid graniteswitch grok grovemoe hunyuan-moe hunyuan_vl hy_v3 internlm2 jais jais2
            laguna llada llada-moe llama llama4 maincoder mellum minimax-01 minimax-m2 minimax-m3 mistral3
            modern-bert mpt muse-glimmer nanbeige nemotron nemotron_h nemotron_h_moe neo-bert olmo olmo2 olmoe openelm
            orion paddleocr pangu-embedded phi2 phi3 plamo pockettts qwen qwen2 qwen2moe qwen2vl qwen3 qwen35
            qwen35moe qwen3moe qwen3next qwen3vl qwen3vlmoe qwen4exp refact rnd1 seed_oss smallthinker smollm3
            stablelm starcoder starcoder2 t5 xverse
            """);

    /** {@code GGML_ASSERT(n_embd_head == n_rot)}. */
    private static final Set<String> HEADS_ROTATED_WHOLE = words("""
            apertus arcee arctic baichuan chameleon codeshell cogvlm cohere2moe dbrx deci deepseek dots1
            dream ernie4_5 ernie4_5-moe exaone exaone-moe exaone4 falcon granite granite_swa graniteswitch
            grok grovemoe hunyuan-moe hunyuan_vl hy_v3 internlm2 jais2 llada llada-moe llama llama4
            maincoder mellum mistral3 olmo olmo2 olmoe orion paddleocr
            pangu-embedded plamo pockettts qwen2 qwen2moe qwen2vl qwen3 qwen3moe qwen3vl qwen3vlmoe rnd1 seed_oss
            smallthinker smollm3 starcoder2 talkie xverse
            """);

    /** Draft models, which read the embeddings of the model that they draft for: {@code GGML_ASSERT(ctx_other)}. */
    private static final Set<String> DRAFTS = words("dflash eagle3 gemma4-assistant");

    /** {@code GGML_ASSERT(n_expert > 0)}, or a division by n_expert_used. */
    private static final Set<String> WITH_EXPERTS = words("""
            bailingmoe2 glm4moe grovemoe lfm2moe llada-moe mellum qwen2moe qwen35moe qwen3moe qwen3next qwen3vlmoe rnd1
            smallthinker
            """);

    /** Others divide by the number of heads (olmo2, phimoe, gemma2, ...), or the like. */
    private static final Set<String> WITHOUT_HEADS = words("""
            mamba mamba2 rwkv6 rwkv6qwen2 rwkv7 arwkv7 jamba plamo2 plamo3 nemotron_h nemotron_h_moe deci falcon-h1 lfm2
            lfm2moe granitehybrid kimi-linear wavtokenizer-dec minimax-01 qwen3next
            """);

    private static final List<String> DIVISORS = List.of(
            "ssm.conv_kernel", "ssm.inner_size", "ssm.state_size", "ssm.time_step_rank", "wkv.head_size",
            "interleave_moe_layer_step");

    /** {@code d_inner / n_group}. */
    private static final Set<String> WITH_GROUPS =
            words("mamba2 granitehybrid nemotron_h nemotron_h_moe falcon-h1 plamo2");

    private final String file;
    private final Metadata metadata;
    private final String architecture;

    private ArchitectureGuard(String file, Metadata metadata) {
        this.file = file;
        this.metadata = metadata;
        this.architecture = metadata.architecture();
    }

    /** Throws {@link InferenceException} unless the hyper-parameters are such as llama.cpp expects. */
    static void check(String file, Metadata metadata) {
        ArchitectureGuard guard = new ArchitectureGuard(file, metadata);
        guard.checkDraft();
        guard.checkHeads();
        guard.checkExperts();
        guard.checkDivisors();
    }

    private void checkDraft() {
        if (DRAFTS.contains(architecture)) {
            throw new InferenceException(
                    file + ": " + architecture + " is a draft model, which works only beside the model that it drafts for");
        }
    }

    private void checkHeads() {
        long heads = integer("attention.head_count").orElse(0);
        if (heads <= 0) {
            if (integer("block_count").isPresent() && !WITHOUT_HEADS.contains(architecture)) {
                throw refused("attention.head_count", heads, "at least 1");
            }
            return;
        }
        long headLength = integer("embedding_length").orElse(0) / heads;
        long keyLength = integer("attention.key_length").orElse(headLength);
        long valueLength = integer("attention.value_length").orElse(headLength);
        if (KEYS_AS_LONG_AS_VALUES.contains(architecture) && keyLength != valueLength) {
            throw refused("attention.key_length", keyLength, "the value_length, " + valueLength);
        }
        long rotated = integer("rope.dimension_count").orElse(keyLength);
        if (HEADS_ROTATED_WHOLE.contains(architecture) && rotated != valueLength) {
            throw refused("rope.dimension_count", rotated, "the length of a head, " + valueLength);
        }
    }

    private void checkExperts() {
        if (WITH_EXPERTS.contains(architecture) && integer("block_count").isPresent()) {
            for (String name : List.of("expert_count", "expert_used_count")) {
                long count = integer(name).orElse(0);
                if (count <= 0) {
                    throw refused(name, count, "at least 1");
                }
            }
        }
        if (architecture.equals("grovemoe")) {
            requireAtLeastOne("experts_per_group");
        }
    }

    private void checkDivisors() {
        DIVISORS.forEach(this::requireAtLeastOne);
        if (WITH_GROUPS.contains(architecture)) {
            requireAtLeastOne("ssm.group_count");
        }
    }

    private void requireAtLeastOne(String name) {
        OptionalLong value = integer(name);
        if (value.isPresent() && value.getAsLong() < 1) {
            throw refused(name, value.getAsLong(), "at least 1");
        }
    }

    /** An integer of the architecture, or the first of an array of them. */
    private OptionalLong integer(String name) {
        MetadataValue value = metadata.get(architecture + "." + name).orElse(null);
        if (value != null && value.type() == MetadataType.ARRAY && value.elementCount() > 0) {
            value = value.elements(1).getFirst();
        }
        return value != null && value.isInteger() ? OptionalLong.of(value.asLong()) : OptionalLong.empty();
    }

    private InferenceException refused(String name, long actual, String expected) {
        return new InferenceException(file + ": " + architecture + "." + name + " is " + actual + ", expected " + expected);
    }

    private static Set<String> words(String text) {
        return Set.of(text.strip().split("\\s+"));
    }
}
