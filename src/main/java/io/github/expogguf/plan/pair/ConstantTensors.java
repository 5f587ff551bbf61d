package io.github.expogguf.plan.pair;

import java.util.regex.Pattern;

/**
 * Tensors that converters compute from the configuration. Nobody trains them, so a pair may have them in one file only:
 * the result has what the aligned model has, as it has the aligned model's metadata. Where both have them they are
 * equal, and if not, the formula holds for them as for every tensor.
 */
final class ConstantTensors {

    /**
     * Frequencies of the rotary embeddings: {@code ROPE_FREQS}, {@code ROPE_FACTORS_LONG}, {@code ROPE_FACTORS_SHORT}
     * and {@code ATTN_ROT_EMBD} (conversion/llama.py, phi.py, gemma.py, ... of llama.cpp v0.5.0). Where there are none,
     * llama.cpp rotates by {@code rope.freq_base} alone.
     */
    private static final Pattern ROPE =
            Pattern.compile("(blk\\.\\d+\\.)?(rope_freqs|rope_factors_(long|short)|attn_rot_embd)(\\.weight)?");

    /**
     * In Muse Glimmer the norms of queries and keys hold {@code qk_scale_factor} and ones (conversion/muse_glimmer.py).
     */
    private static final Pattern MUSE_GLIMMER = Pattern.compile("blk\\.\\d+\\.attn_[qk]_norm\\.weight");

    private ConstantTensors() {}

    static boolean contain(String architecture, String tensor) {
        return ROPE.matcher(tensor).matches()
                || (architecture.equals("muse-glimmer")
                        && MUSE_GLIMMER.matcher(tensor).matches());
    }
}
