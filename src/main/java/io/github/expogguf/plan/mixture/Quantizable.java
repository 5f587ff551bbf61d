package io.github.expogguf.plan.mixture;

import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * Which tensors may change their type at all ({@code tensor_allows_quantization} in llama-quant.cpp, llama.cpp
 * v0.5.0).
 */
final class Quantizable {

    /** Position and token-type tables. */
    private static final Set<String> KEPT_NAMES = Set.of("position_embd.weight", "token_types.weight");

    /** Small or sensitive tensors, by a part of their name. */
    private static final List<String> KEPT_PARTS = List.of(
            "_norm.weight",
            // expert routing
            "ffn_gate_inp.weight",
            "ffn_gate_tid2eid.weight",
            // Gemma 3n
            "altup",
            "laurel",
            "per_layer_model_proj",
            // convolutions of Mamba, Kimi and LFM
            "ssm_conv1d",
            "shortconv.conv.weight",
            // MiniMax
            "indexer.k_proj.weight",
            "indexer.q_proj.weight",
            // RWKV
            "time_mix_first.weight",
            "time_mix_w0.weight",
            "time_mix_w1.weight",
            "time_mix_w2.weight",
            "time_mix_v0.weight",
            "time_mix_v1.weight",
            "time_mix_v2.weight",
            "time_mix_a0.weight",
            "time_mix_a1.weight",
            "time_mix_a2.weight",
            "time_mix_g1.weight",
            "time_mix_g2.weight",
            "time_mix_decay_w1.weight",
            "time_mix_decay_w2.weight",
            "time_mix_lerp_fused.weight",
            // T5
            "attn_rel_b.weight",
            // vision and audio
            ".position_embd",
            "sam.pos_embd",
            "sam.neck.",
            "sam.net_",
            ".rel_pos",
            ".patch_embd",
            ".patch_merger",
            "a.rvq.codebook",
            "mm.a.code_embd");

    private Quantizable() {}

    static boolean isQuantizable(TensorInfo tensor, boolean leaveOutputTensor) {
        String name = tensor.name();
        return tensor.shape().rank() >= 2
                && isWeight(name)
                && !(leaveOutputTensor && name.equals(TensorNames.OUTPUT))
                && !KEPT_NAMES.contains(name)
                && KEPT_PARTS.stream().noneMatch(name::contains);
    }

    /**
     * Names that end with "weight", and, because llama.cpp compares {@code rfind} with {@code size() - 6} in unsigned
     * arithmetic, every name of five bytes.
     */
    private static boolean isWeight(String name) {
        return name.endsWith("weight") || name.getBytes(StandardCharsets.UTF_8).length == 5;
    }
}
