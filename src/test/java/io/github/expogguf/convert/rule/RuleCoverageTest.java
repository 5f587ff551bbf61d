package io.github.expogguf.convert.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every tensor that llama.cpp knows of an architecture has a rule, or stands here with a reason. */
class RuleCoverageTest {

    /** Drafts for another model, and speech: nobody aligns these. */
    private static final Set<String> OTHERS = Set.of("dflash", "eagle3", "gemma4-assistant", "wavtokenizer-dec");

    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry("blk.N.attn_rot_embd", "a table that no converter writes any more"),
            Map.entry("blk.N.attn_res_score", "the product of two tensors"),
            Map.entry("blk.N.ffn_res_score", "the product of two tensors"),
            Map.entry("output_res_score", "the product of two tensors"),
            Map.entry("blk.N.time_mix_lerp_w", "a part of time_mix_lerp_fused"),
            Map.entry("blk.N.time_mix_lerp_k", "a part of time_mix_lerp_fused"),
            Map.entry("blk.N.time_mix_lerp_v", "a part of time_mix_lerp_fused"),
            Map.entry("blk.N.time_mix_lerp_r", "a part of time_mix_lerp_fused"),
            Map.entry("blk.N.time_mix_lerp_g", "a part of time_mix_lerp_fused"),
            Map.entry("blk.N.ffn", "the factors of an activation, in few models"),
            Map.entry("dense_2", "in a folder of its own"),
            Map.entry("dense_3", "in a folder of its own"));

    /** Its experts are published in MXFP4, beside other tensors in F8. */
    private static final String DEEPSEEK4 = "deepseek4";

    @Test
    void everyTensorOfEveryArchitectureHasARule() throws IOException {
        Map<String, Set<String>> missing = new TreeMap<>();
        Set<String> reasonsUsed = new TreeSet<>();
        architectures().forEach((architecture, names) -> {
            if (OTHERS.contains(architecture) || architecture.equals(DEEPSEEK4)) {
                return;
            }
            RuleBook book = RuleBook.of(architecture);
            for (String name : names) {
                if (hasRule(book, name.replace(".N", ".3"))) {
                    continue;
                }
                if (REASONS.containsKey(name)) {
                    reasonsUsed.add(name);
                } else {
                    missing.computeIfAbsent(name, _ -> new TreeSet<>()).add(architecture);
                }
            }
        });

        assertThat(missing).isEmpty();
        assertThat(reasonsUsed).isEqualTo(new TreeSet<>(REASONS.keySet()));
    }

    @Test
    void everyHeadingIsAnArchitecture() throws IOException {
        Set<String> known = new TreeSet<>(architectures().keySet());
        known.add(RuleText.EVERY);

        assertThat(known).containsAll(RuleText.ALL.rules().keySet());
    }

    private static boolean hasRule(RuleBook book, String name) {
        return Stream.of("", ".weight", ".bias")
                .anyMatch(suffix -> !book.formulas(name + suffix).isEmpty());
    }

    private static Map<String, List<String>> architectures() throws IOException {
        Map<String, List<String>> names = new LinkedHashMap<>();
        try (InputStream file = RuleCoverageTest.class.getResourceAsStream("/convert/tensors-of-architectures.txt")) {
            new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t"))
                    .forEach(fields -> names.put(fields[0], List.of(fields[1].split(" "))));
        }
        return names;
    }
}
