package io.github.expogguf.run.lora.export;

import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.gguf.TensorNames.InBlock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * To which tensors llama.cpp v0.4.0 and v0.5.0 apply a LoRA adapter: those that their graphs multiply with through
 * {@code build_lora_mm} and {@code build_lora_mm_id} (llama-graph.cpp, all of models/*.cpp), and the embeddings of
 * {@code build_inp_embd}. For others an adapter's factors load, and do nothing.
 */
final class LoraTargets {

    private static final String WEIGHT = ".weight";

    /** Names in a block of a decoder, or of an encoder that stands alone. */
    private static final Set<String> MATRICES = Set.of(
            "attn_q",
            "attn_k",
            "attn_v",
            "attn_qkv",
            "attn_output",
            "attn_gate",
            "attn_kv",
            "ffn_gate",
            "ffn_up",
            "ffn_down",
            "ffn_gate_inp",
            "ffn_gate_shexp",
            "ffn_up_shexp",
            "ffn_down_shexp",
            "ffn_gate_inp_shexp",
            "ssm_in",
            "ssm_x",
            "ssm_dt",
            "ssm_out",
            "ssm_alpha",
            "ssm_beta",
            "ssm_ba",
            "shortconv.in_proj",
            "shortconv.out_proj",
            "attn_conv_proj",
            "ffn_conv_proj",
            "time_mix_key",
            "time_mix_value",
            "time_mix_receptance",
            "time_mix_gate",
            "time_mix_output",
            "channel_mix_key",
            "channel_mix_value",
            "channel_mix_receptance",
            "inp_gate",
            "proj",
            "laurel_l",
            "laurel_r",
            "altup_correct_coef",
            "altup_predict_coef",
            "ple_key",
            "ple_value",
            "indexer.q_proj",
            "indexer.k_proj",
            "nextn.eh_proj",
            "nextn.shared_head_head");

    /** Names in a block of the encoder or of the decoder of a model that has both (t5.cpp). */
    private static final Set<String> ENCODER_DECODER_MATRICES = Set.of(
            "attn_q",
            "attn_k",
            "attn_v",
            "attn_o",
            "cross_attn_q",
            "cross_attn_k",
            "cross_attn_v",
            "cross_attn_o",
            "ffn_gate",
            "ffn_up",
            "ffn_down");

    /** Whole names beside the blocks. */
    private static final Pattern OTHER_MATRICES =
            Pattern.compile("output|fc|markov_w2|selector_hidden|convnext\\.\\d+\\.pw[12]");

    /** Stacked, one matrix for each expert. */
    private static final Set<String> EXPERTS = Set.of(
            "ffn_gate_exps",
            "ffn_up_exps",
            "ffn_down_exps",
            "ffn_gate_up_exps",
            "ffn_gate_chexps",
            "ffn_up_chexps",
            "ffn_down_chexps");

    /** What one architecture multiplies with in the usual way, and others by themselves. */
    private static final Map<String, Set<String>> ADAPTED = Map.of(
            "deepseek4",
            Set.of(
                    "attn_q_a",
                    "attn_q_b",
                    "attn_output_b",
                    "attn_compressor_kv",
                    "attn_compressor_gate",
                    "indexer.attn_q_b",
                    "indexer.proj",
                    "indexer_compressor_kv",
                    "indexer_compressor_gate"));

    private static final Set<String> DEEPSEEK2 = Set.of("output", "attn_q", "attn_k", "attn_v");

    /** What some architectures multiply with by themselves. */
    private static final Map<String, Set<String>> BYPASSED = Map.ofEntries(
            Map.entry(
                    "bailingmoe3", Set.of("output", "attn_q", "attn_output", "attn_gate", "ssm_beta", "nextn.eh_proj")),
            Map.entry("deepseek2", DEEPSEEK2),
            Map.entry("deepseek2-ocr", DEEPSEEK2),
            Map.entry("mistral4", DEEPSEEK2),
            Map.entry("deepseek32", Set.of("output")),
            Map.entry("deepseek4", Set.of("output", "nextn.shared_head_head")),
            Map.entry("dots3note", Set.of("output")),
            Map.entry("glm-dsa", Set.of("output")),
            Map.entry("graniteswitch", Set.of("attn_qkv")),
            Map.entry("hy_v4", Set.of("output", "attn_gate")),
            Map.entry("kimi-linear", Set.of("output", "attn_q", "attn_qkv", "attn_output", "ssm_beta")),
            Map.entry("plm", Set.of("attn_q")));

    /** Models of vectors for texts: no output, whose place the token embeddings could take. */
    private static final Set<String> WITHOUT_OUTPUT = Set.of(
            "bert",
            "modern-bert",
            "nomic-bert",
            "nomic-bert-moe",
            "neo-bert",
            "jina-bert-v2",
            "jina-bert-v3",
            "eurobert",
            "gemma-embedding",
            "llama-embed",
            "t5encoder");

    /** Parts of a model that have blocks which adapters reach. */
    private static final Set<String> PARTS = Set.of("", "enc.", "dec.");

    /** Multiplies with everything but the experts by itself. */
    private static final String KIMI_K3 = "kimi-k3";

    private final String architecture;
    private final Set<String> names;

    LoraTargets(ModelHeader model) {
        this.architecture = model.metadata().architecture();
        this.names = model.tensors().stream().map(TensorInfo::name).collect(Collectors.toSet());
    }

    /** Why an adapter cannot change a tensor; empty if it can. */
    Optional<String> obstacle(TensorInfo tensor) {
        String name = tensor.name();
        if (tensor.shape().rank() < 2) {
            return Optional.of("a vector");
        }
        if (name.equals(TensorNames.EMBEDDING)) {
            return names.contains(TensorNames.OUTPUT) || WITHOUT_OUTPUT.contains(architecture)
                    ? Optional.empty()
                    : Optional.of("embedding and output in one, which llama.cpp cannot adapt");
        }
        if (!name.endsWith(WEIGHT)
                || !takesPart(
                        name.substring(0, name.length() - WEIGHT.length()),
                        tensor.shape().rank())) {
            return Optional.of("not multiplied with in the way that adapters take part in");
        }
        if (names.contains(name.substring(0, name.length() - WEIGHT.length()) + ".scale")) {
            return Optional.of("scaled by a tensor of its own, which an adapter is not");
        }
        return Optional.empty();
    }

    private boolean takesPart(String name, int rank) {
        Optional<InBlock> block = TensorNames.inBlock(name).filter(place -> PARTS.contains(place.part()));
        if (block.isEmpty()) {
            return rank == 2 && OTHER_MATRICES.matcher(name).matches() && !isBypassed(name);
        }
        String kind = block.get().kind();
        if (!block.get().part().isEmpty()) {
            return rank == 2 && ENCODER_DECODER_MATRICES.contains(kind);
        }
        return switch (rank) {
            case 2 ->
                !isBypassed(kind)
                        && (MATRICES.contains(kind)
                                || ADAPTED.getOrDefault(architecture, Set.of()).contains(kind));
            case 3 -> EXPERTS.contains(kind);
            default -> false;
        };
    }

    private boolean isBypassed(String kind) {
        return architecture.equals(KIMI_K3)
                || BYPASSED.getOrDefault(architecture, Set.of()).contains(kind);
    }
}
