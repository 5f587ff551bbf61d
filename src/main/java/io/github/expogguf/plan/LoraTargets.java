package io.github.expogguf.plan;

import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * To which tensors llama.cpp v0.4.0 applies a LoRA adapter: those that its graphs multiply with through {@code build_lora_mm} and
 * {@code build_lora_mm_id} (llama-graph.cpp, models/*.cpp), and the embeddings of {@code build_inp_embd}. For others an adapter's
 * factors load, and do nothing.
 */
final class LoraTargets {

    static final String EMBEDDING = "token_embd.weight";
    private static final String OUTPUT = "output.weight";
    private static final String WEIGHT = ".weight";

    private static final Set<String> MATRICES = Set.of(
            "attn_q", "attn_k", "attn_v", "attn_qkv", "attn_output", "attn_gate",
            "ffn_gate", "ffn_up", "ffn_down", "ffn_gate_inp",
            "ffn_gate_shexp", "ffn_up_shexp", "ffn_down_shexp", "ffn_gate_inp_shexp",
            "cross_attn_q", "cross_attn_k", "cross_attn_v", "cross_attn_o",
            "ssm_in", "ssm_x", "ssm_dt", "ssm_out", "ssm_alpha", "ssm_beta", "ssm_ba",
            "shortconv.in_proj", "shortconv.out_proj",
            "time_mix_key", "time_mix_value", "time_mix_receptance", "time_mix_gate", "time_mix_output",
            "channel_mix_key", "channel_mix_value", "channel_mix_receptance");

    /** Stacked, one matrix for each expert. */
    private static final Set<String> EXPERTS =
            Set.of("ffn_gate_exps", "ffn_up_exps", "ffn_down_exps", "ffn_gate_up_exps");

    /** What some architectures multiply with by themselves. */
    private static final Map<String, Set<String>> BYPASSED = Map.ofEntries(
            Map.entry("bailingmoe3", Set.of("output", "attn_q", "attn_output", "attn_gate", "ssm_beta")),
            Map.entry("deepseek2", Set.of("output", "attn_q", "attn_k", "attn_v")),
            Map.entry("deepseek32", Set.of("output")),
            Map.entry("deepseek4", Set.of("output")),
            Map.entry("dots3note", Set.of("output")),
            Map.entry("glm-dsa", Set.of("output")),
            Map.entry("granite-switch", Set.of("attn_qkv")),
            Map.entry("graniteswitch", Set.of("attn_qkv")),
            Map.entry("kimi-linear", Set.of("output", "attn_q", "attn_output", "ssm_beta")),
            Map.entry("plm", Set.of("attn_q")));

    /** Multiplies with nearly everything by itself. */
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
        if (name.equals(EMBEDDING)) {
            return names.contains(OUTPUT)
                    ? Optional.empty()
                    : Optional.of("embedding and output in one, which llama.cpp cannot adapt");
        }
        String kind = name.replaceFirst("^blk\\.\\d+\\.", "").replaceFirst("\\.weight$", "");
        boolean isOutput = name.equals(OUTPUT);
        boolean isMatrix = tensor.shape().rank() == 2 && (isOutput || name.startsWith("blk.") && MATRICES.contains(kind));
        boolean isExperts = tensor.shape().rank() == 3 && EXPERTS.contains(kind);
        if (!name.endsWith(WEIGHT) || !isMatrix && !isExperts || isBypassed(kind)) {
            return Optional.of("not multiplied with in the way that adapters take part in");
        }
        if (names.contains(name.substring(0, name.length() - WEIGHT.length()) + ".scale")) {
            return Optional.of("scaled by a tensor of its own, which an adapter is not");
        }
        return Optional.empty();
    }

    private boolean isBypassed(String kind) {
        return architecture.equals(KIMI_K3) || BYPASSED.getOrDefault(architecture, Set.of()).contains(kind);
    }
}
