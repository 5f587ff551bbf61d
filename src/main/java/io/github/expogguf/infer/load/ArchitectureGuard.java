package io.github.expogguf.infer.load;

import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What single architectures of llama.cpp v0.5.0 rely on in their hyper-parameters (src/models/*.cpp). The sets hold the
 * architectures of the files that do, and those that compute with the graph of such a file (models.h); models that
 * people have satisfy all of this.
 */
public final class ArchitectureGuard {

    /** Architectures whose keys are as long as their values. */
    private static final Set<String> KEYS_AS_LONG_AS_VALUES = words("""
            afmoe apertus arcee arctic baichuan bailingmoe2 bert bitnet bloom chameleon chatglm codeshell cogvlm cohere2
            cohere2moe command-r dbrx deci deepseek dots1 dream ernie4_5 ernie4_5-moe eurobert exaone exaone-moe exaone4
            falcon glm4 glm4moe gpt2 gptneox granite granite_swa granitehybrid granitemoe graniteswitch grok grovemoe
            hunyuan-dense hunyuan-moe hunyuan_vl hy_v3 internlm2 jais jais2 jina-bert-v2 jina-bert-v3 laguna llada
            llada-moe llama llama-embed llama4 maincoder maple mellum minicpm minimax-01 minimax-m2 minimax-m3 mistral3
            modern-bert mpt muse-glimmer nanbeige nemotron nemotron_h nemotron_h_moe neo-bert nomic-bert nomic-bert-moe
            olmo olmo2 olmoe openelm orion paddleocr pangu-embedded phi2 phi3 phimoe plamo pockettts qwen qwen2 qwen2moe
            qwen2vl qwen3 qwen35 qwen35moe qwen3moe qwen3next qwen3vl qwen3vlmoe qwen4exp refact rnd1 seed_oss
            smallthinker smollm3 spark2_5 stablelm starcoder starcoder2 t5 t5encoder talkie xverse
            """);

    /** Architectures that rotate heads as a whole. */
    private static final Set<String> HEADS_ROTATED_WHOLE = words("""
            apertus arcee arctic baichuan chameleon codeshell cogvlm cohere2moe dbrx deci deepseek dots1 dream ernie4_5
            ernie4_5-moe exaone exaone-moe exaone4 falcon granite granite_swa granitemoe graniteswitch grok grovemoe
            hunyuan-dense hunyuan-moe hunyuan_vl hy_v3 internlm2 jais2 llada llada-moe llama llama-embed llama4
            maincoder mellum minicpm mistral3 olmo olmo2 olmoe orion paddleocr pangu-embedded plamo pockettts qwen2
            qwen2moe qwen2vl qwen3 qwen3moe qwen3vl qwen3vlmoe rnd1 seed_oss smallthinker smollm3 starcoder2 talkie
            xverse
            """);

    /** Draft models, which read the embeddings of the model that they draft for. */
    private static final Set<String> DRAFTS = words("dflash eagle3 gemma4-assistant");

    /** Architectures that have experts in all models. */
    private static final Set<String> WITH_EXPERTS = words("""
            bailingmoe2 glm4moe grovemoe lfm2moe llada-moe mellum qwen2moe qwen35moe qwen3moe qwen3next qwen3vlmoe rnd1
            smallthinker
            """);

    /** Architectures that need no heads. */
    private static final Set<String> WITHOUT_HEADS = words("""
            mamba mamba2 rwkv6 rwkv6qwen2 rwkv7 arwkv7 jamba plamo2 plamo3 nemotron_h nemotron_h_moe deci falcon-h1 lfm2
            lfm2moe granitehybrid kimi-linear wavtokenizer-dec minimax-01 qwen3next
            """);

    /** Architectures that rotate sections of a head by positions of their own. */
    private static final Set<String> ROTATED_IN_SECTIONS = words("""
            dflash glm4 glm4moe hunyuan_vl paddleocr qwen2vl qwen35 qwen35moe qwen3tts qwen3vl qwen3vlmoe qwen4exp
            """);

    private static final List<String> DIVISORS = List.of(
            "ssm.conv_kernel",
            "ssm.inner_size",
            "ssm.state_size",
            "ssm.time_step_rank",
            "wkv.head_size",
            "interleave_moe_layer_step");

    /** Architectures that do not rotate all of a key. */
    private static final Set<String> KEYS_ROTATED_IN_PART = words("deepseek2 mistral4 hy_v4");

    /** How many shifts of tokens their graphs have; 2 by default. */
    private static final Map<String, Integer> TOKEN_SHIFTS =
            Map.of("rwkv6qwen2", 1, "arwkv7", 1, "rwkv6", 2, "rwkv7", 2);

    /** Architectures whose inner size is split into groups. */
    private static final Set<String> WITH_GROUPS = words("mamba2 granitehybrid nemotron_h nemotron_h_moe falcon-h1");

    private final String file;
    private final Metadata metadata;
    private final String architecture;

    private ArchitectureGuard(String file, Metadata metadata) {
        this.file = file;
        this.metadata = metadata;
        this.architecture = metadata.architecture();
    }

    /** Throws {@link InferenceException} unless the hyper-parameters are such as llama.cpp expects. */
    public static void check(String file, Metadata metadata) {
        ArchitectureGuard guard = new ArchitectureGuard(file, metadata);
        guard.checkDraft();
        guard.checkHeads();
        guard.checkExperts();
        guard.checkDivisors();
        guard.checkLatentAttention();
        guard.checkCycles();
    }

    private void checkDraft() {
        if (DRAFTS.contains(architecture)) {
            throw new InferenceException(file + ": " + architecture
                    + " is a draft model, which works only beside the model that it drafts for");
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
        checkSections(keyLength);
    }

    /** The sections of a head are pairs of its elements. */
    private void checkSections(long keyLength) {
        String name = "rope.dimension_sections";
        MetadataValue sections = metadata.get(architecture + "." + name).orElse(null);
        if (!ROTATED_IN_SECTIONS.contains(architecture)
                || sections == null
                || sections.type() != MetadataType.ARRAY
                || !sections.elementType().isInteger()) {
            return;
        }
        long sum = 0;
        for (MetadataValue section : sections.elements(Math.min(4, sections.elementCount()))) {
            long pairs = section.asLong();
            if (pairs < 0 || pairs > keyLength) {
                throw refused(name, pairs, "0 to the length of a head, " + keyLength);
            }
            sum += pairs;
        }
        if (sum > keyLength) {
            throw refused(name, sum, "sections of no more than the length of a head together, " + keyLength);
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
        checkGroups();
        long shifts = integer("token_shift_count").orElse(2);
        Integer expected = TOKEN_SHIFTS.get(architecture);
        if (expected != null && integer("block_count").isPresent() && shifts != expected) {
            throw refused("token_shift_count", shifts, expected.toString());
        }
    }

    private void checkGroups() {
        if (WITH_GROUPS.contains(architecture)) {
            requireAtLeastOne("ssm.group_count");
            long groups = integer("ssm.group_count").orElse(1);
            long inner = integer("ssm.inner_size").orElse(0);
            if (inner % groups != 0) {
                throw refused("ssm.inner_size", inner, "a multiple of the ssm.group_count, " + groups);
            }
        }
        long groups = integer("ssm.group_count").orElse(0);
        if (architecture.equals("plamo2") && groups != 0) { // as its converter writes
            throw refused("ssm.group_count", groups, "0");
        }
    }

    private void checkLatentAttention() {
        if (architecture.equals("hy_v4") && integer("block_count").isPresent()) { // has latent attention alone
            for (String name : List.of("attention.key_length_mla", "attention.value_length_mla")) {
                long length = integer(name).orElse(0);
                if (length < 1) {
                    throw refused(name, length, "at least 1");
                }
            }
        }
        OptionalLong rotated = integer("rope.dimension_count");
        String name =
                integer("attention.key_length_mla").orElse(0) > 0 ? "attention.key_length_mla" : "attention.key_length";
        OptionalLong length = integer(name);
        if (KEYS_ROTATED_IN_PART.contains(architecture)
                && rotated.isPresent()
                && length.isPresent()
                && length.getAsLong() <= rotated.getAsLong()) {
            throw refused(name, length.getAsLong(), "more than the rope.dimension_count, " + rotated.getAsLong());
        }
    }

    /** HRM-Text goes through two stacks of layers several times; each time through has a slot in the cache. */
    private void checkCycles() {
        if (!architecture.equals("hrm_text")) {
            return;
        }
        List<String> names = List.of("hrm.layers_per_stack", "hrm.h_cycles", "hrm.l_cycles");
        names.forEach(this::requireAtLeastOne);
        if (names.stream().allMatch(name -> integer(name).isPresent())
                && integer("block_count").isPresent()) {
            long slots = Math.multiplyExact(
                    Math.multiplyExact(count(names.get(0)), count(names.get(1))), count(names.get(2)) + 1);
            long blocks = integer("block_count").getAsLong();
            if (blocks != slots) {
                throw refused("block_count", blocks, "layers_per_stack * h_cycles * (l_cycles + 1), " + slots);
            }
        }
    }

    /**
     * Of a UINT32, but for files that say otherwise, which llama.cpp refuses; so that the product of three has a size.
     */
    private long count(String name) {
        return Math.clamp(integer(name).orElse(0), 0, 1 << 20);
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
        return new InferenceException(
                file + ": " + architecture + "." + name + " is " + actual + ", expected " + expected);
    }

    private static Set<String> words(String text) {
        return Set.of(text.strip().split("\\s+"));
    }
}
