package io.github.expogguf.gguf;

import java.util.Map;

/**
 * What to say of the number of a tensor type that {@link GgmlType} does not have: whose it is, as far as that is known.
 */
final class UnknownType {

    /** Types that ggml once had (ggml.h, enum ggml_type, commented out). */
    private static final Map<Integer, String> REMOVED = Map.of(
            4,
            "Q4_2",
            5,
            "Q4_3",
            31,
            "Q4_0_4_4",
            32,
            "Q4_0_4_8",
            33,
            "Q4_0_8_8",
            36,
            "IQ4_NL_4_4",
            37,
            "IQ4_NL_4_8",
            38,
            "IQ4_NL_8_8");

    /** What BitNet's fork calls the same numbers; ik_llama.cpp has I2_S, too. */
    private static final Map<Integer, String> BITNET = Map.of(36, "I2_S", 37, "I8_S", 38, "TL1");

    /** Types of ik_llama.cpp (its ggml.h, enum ggml_type). */
    private static final Map<Integer, String> IK_LLAMA = Map.ofEntries(
            Map.entry(133, "Q6_0"),
            Map.entry(134, "IQ1_BN"),
            Map.entry(135, "IQ2_BN"),
            Map.entry(137, "IQ2_K"),
            Map.entry(138, "IQ3_K"),
            Map.entry(139, "IQ4_K"),
            Map.entry(140, "IQ5_K"),
            Map.entry(141, "IQ6_K"),
            Map.entry(144, "IQ4_KS"),
            Map.entry(145, "IQ2_KS"),
            Map.entry(146, "IQ4_KSS"),
            Map.entry(152, "IQ5_KS"),
            Map.entry(153, "IQ2_KT"),
            Map.entry(154, "IQ3_KT"),
            Map.entry(155, "IQ4_KT"),
            Map.entry(156, "IQ3_KS"),
            Map.entry(157, "IQ2_KL"),
            Map.entry(158, "IQ1_KT"));

    /** All numbers that ik_llama.cpp uses beyond ggml's: in the hundreds with rows interleaved, up to Q8_K_R8. */
    private static final int FIRST_OF_IK_LLAMA = 97;

    private static final int LAST_OF_IK_LLAMA = 399;

    private static final String WAY_OUT = "; take a file that llama.cpp's own converter or quantizer wrote";

    private UnknownType() {}

    static String describe(int id) {
        if (REMOVED.containsKey(id)) {
            return "type " + id + " was removed from ggml (" + REMOVED.get(id) + ")"
                    + (BITNET.containsKey(id)
                            ? ", and is " + BITNET.get(id) + " in files for BitNet's own programs"
                            : "")
                    + WAY_OUT;
        }
        String unknown = "type " + id + " is unknown, ggml " + GgmlType.GGML_VERSION + " has 0 to " + GgmlType.MAX_ID;
        if (IK_LLAMA.containsKey(id)) {
            return unknown + "; it is " + IK_LLAMA.get(id) + " of ik_llama.cpp" + WAY_OUT;
        }
        return id >= FIRST_OF_IK_LLAMA && id <= LAST_OF_IK_LLAMA
                ? unknown + "; ik_llama.cpp has types of its own there" + WAY_OUT
                : unknown;
    }
}
