package io.github.expogguf.convert.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.convert.gather.Gathering;
import io.github.expogguf.convert.gather.Part;
import io.github.expogguf.convert.gather.ValueFunction;
import io.github.expogguf.convert.gather.View;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RuleBookTest {

    private static final NumberSource NUMBERS = numbers(Map.of(
            "attention.head_count", 4.0,
            "attention.head_count_kv", 2.0,
            "expert_count", 2.0,
            "config.key_multiplier", 0.5,
            "config.attention_in_multiplier", 3.0,
            "block_count", 3.0,
            "nextn_predict_layers", 1.0));

    @Test
    void ownRulesOfAnArchitectureReplaceThoseForAll() {
        assertThat(RuleBook.of("llama").formulas("blk.7.attn_q.bias"))
                .first()
                .hasToString("blk.7.attn_q.bias < layers.7.self_attn.q_proj.bias"
                        + " split(0, attention.head_count, 2, *) swap(1, 2)");
        assertThat(RuleBook.of("qwen2").formulas("blk.7.attn_q.bias"))
                .first()
                .hasToString("blk.7.attn_q.bias < layers.7.self_attn.q_proj.bias");
        assertThat(RuleBook.of("falcon-h1").formulas("blk.0.attn_v.weight"))
                .singleElement()
                .hasToString("blk.0.attn_v.weight < layers.0.self_attn.v_proj.weight"
                        + " times(config.attention_in_multiplier)");
        assertThat(RuleBook.of("falcon-h1").formulasOf("model.layers.0.self_attn.v_proj.weight"))
                .filteredOn(formula -> formula.target().equals("blk.0.attn_v.weight"))
                .hasSize(1);
        assertThat(RuleBook.of("of the future").formulas("output_norm.weight")).isNotEmpty();
        assertThat(RuleBook.of("llama").formulas("blk.x.attn_q.bias")).isEmpty();
    }

    @Test
    void headsArePermutedByTheNumbersOfTheModel() {
        Gathering k = bind(
                "llama",
                "blk.0.attn_k.weight",
                16 * 8,
                shapes(Map.of("model.layers.0.self_attn.k_proj.weight", new long[] {16, 8})));

        assertThat(k.parts())
                .singleElement()
                .isEqualTo(new Part(
                        "model.layers.0.self_attn.k_proj.weight",
                        new View(0, List.of(2L, 4L, 2L, 8L), List.of(64L, 8L, 32L, 1L)),
                        List.of()));
    }

    @Test
    void expertsAreStackedOneByOneOrCutFromOne() {
        Gathering stacked = bind(
                "qwen3moe",
                "blk.1.ffn_up_exps.weight",
                48,
                shapes(Map.of(
                        "model.layers.1.mlp.experts.0.up_proj.weight", new long[] {4, 6},
                        "model.layers.1.mlp.experts.1.up_proj.weight", new long[] {4, 6})));
        Gathering cut = bind(
                "qwen3moe",
                "blk.1.ffn_up_exps.weight",
                48,
                shapes(Map.of("model.layers.1.mlp.experts.gate_up_proj", new long[] {2, 8, 6})));

        assertThat(stacked.parts())
                .extracting(Part::source)
                .containsExactly(
                        "model.layers.1.mlp.experts.0.up_proj.weight", "model.layers.1.mlp.experts.1.up_proj.weight");
        assertThat(cut.parts())
                .singleElement()
                .extracting(Part::view)
                .isEqualTo(new View(24, List.of(2L, 4L, 6L), List.of(48L, 6L, 1L)));
    }

    @Test
    void anyPrefixMayStandBeforeASource() {
        for (String prefix : List.of("", "model.", "language_model.model.", "model.language_model.", "backbone.")) {
            Gathering norm = bind(
                    "llama",
                    "blk.2.attn_norm.weight",
                    8,
                    shapes(Map.of(prefix + "layers.2.input_layernorm.weight", new long[] {8})));
            assertThat(norm.parts())
                    .singleElement()
                    .extracting(Part::source)
                    .isEqualTo(prefix + "layers.2.input_layernorm.weight");
        }
    }

    @Test
    void sourceThatIsMissingOrDoesNotFitBindsNothing() {
        String name = "model.layers.0.self_attn.q_proj.weight";
        assertThat(all("llama", "blk.0.attn_q.weight", 64, shapes(Map.of()))).isEmpty();
        assertThat(all("llama", "blk.0.attn_q.weight", 63, shapes(Map.of(name, new long[] {8, 8}))))
                .isEmpty();
        assertThat(all("llama", "blk.0.attn_q.weight", 9 * 8, shapes(Map.of(name, new long[] {9, 8}))))
                .singleElement()
                .satisfies(way -> assertThat(way.parts().getFirst().view()).isEqualTo(View.of(9, 8)));
        assertThat(all(
                        "qwen3moe",
                        "blk.0.ffn_up_exps.weight",
                        8,
                        shapes(Map.of("model.layers.0.mlp.experts.gate_up_proj", new long[] {16}))))
                .isEmpty();
    }

    @Test
    void sourceCanBeForWhereAnotherIsMissingAlone() {
        String embeddings = "model.embed_tokens.weight";
        long[] shape = {4, 2};
        assertThat(all("llama", "output.weight", 8, shapes(Map.of(embeddings, shape))))
                .hasSize(1);
        assertThat(all("llama", "output.weight", 8, shapes(Map.of(embeddings, shape, "lm_head.weight", shape))))
                .singleElement()
                .satisfies(way -> assertThat(way.parts().getFirst().source()).isEqualTo("lm_head.weight"));
    }

    @Test
    void factorsFollowEachOther() {
        Part k = bind(
                        "falcon-h1",
                        "blk.0.attn_k.weight",
                        4,
                        shapes(Map.of("model.layers.0.self_attn.k_proj.weight", new long[] {2, 2})))
                .parts()
                .getFirst();

        assertThat(k.apply(2)).isEqualTo(3);
        assertThat(k.functions())
                .containsExactly(
                        new ValueFunction(ValueFunction.Kind.TIMES, 0.5f),
                        new ValueFunction(ValueFunction.Kind.TIMES, 3));
    }

    @Test
    void functionsComputeInFloat32() {
        assertThat(new ValueFunction(ValueFunction.Kind.PLUS, 1).apply(1e-9f)).isEqualTo(1);
        assertThat(new ValueFunction(ValueFunction.Kind.NEGATIVE_EXP, 0).apply(1))
                .isEqualTo(-(float) Math.E);
        assertThat(new ValueFunction(ValueFunction.Kind.EXP, 0).apply(0)).isEqualTo(1);
    }

    @Test
    void blocksForSeveralTokensAreElsewhereInTheFolder() {
        Gathering norm = bind(
                "qwen35", "blk.2.attn_norm.weight", 8, shapes(Map.of("mtp.layers.0.input_layernorm.weight", new long[] {
                    8
                })));

        assertThat(norm.parts().getFirst().apply(1)).isEqualTo(2);
        assertThat(all(
                        "qwen35",
                        "blk.1.attn_norm.weight",
                        8,
                        shapes(Map.of("mtp.layers.0.input_layernorm.weight", new long[] {8}))))
                .isEmpty();
    }

    @Test
    void whatAConverterComputesComesFromTheTemplate() {
        assertThat(RuleBook.of("llama").formulas("rope_freqs.weight"))
                .singleElement()
                .satisfies(formula -> {
                    assertThat(formula.isTemplate()).isTrue();
                    assertThat(formula.bind(4, shapes(Map.of()), NUMBERS)).isEmpty();
                });
    }

    @Test
    void sourceKnowsItsTargets() {
        assertThat(targets("llama", "model.layers.3.self_attn.q_proj.weight"))
                .containsOnly("blk.3.attn_q.weight", "blk.3.attn_qkv.weight");
        assertThat(targets("qwen3moe", "model.layers.3.mlp.experts.1.up_proj.weight"))
                .contains("blk.3.ffn_up_exps.weight");
        assertThat(targets("llama", "lm_head.weight")).contains("output.weight");
        assertThat(targets("llama", "model.layers.3.self_attn.x_proj.weight")).isEmpty();
    }

    @Test
    void whatNoGgufHoldsHasAReason() {
        RuleBook book = RuleBook.of("llama");
        assertThat(book.whyUnused("model.layers.0.self_attn.rotary_emb.inv_freq", NUMBERS))
                .contains("rotary table");
        assertThat(book.whyUnused("model.vision_tower.encoder.layers.0.mlp.fc1.weight", NUMBERS))
                .contains("vision tower");
        assertThat(book.whyUnused("mtp.layers.0.input_layernorm.weight", NUMBERS))
                .contains("multi-token prediction");
        assertThat(book.whyUnused("model.layers.3.self_attn.q_proj.weight", NUMBERS))
                .contains("multi-token prediction");
        assertThat(book.whyUnused("model.layers.2.self_attn.q_proj.weight", NUMBERS))
                .isEmpty();
        assertThat(book.whyUnused("model.layers.3.self_attn.q_proj.weight", numbers(Map.of())))
                .isEmpty();
        assertThat(book.whyUnused("something.weight", NUMBERS)).isEmpty();
    }

    private static Gathering bind(
            String architecture, String target, long count, Function<String, Optional<long[]>> shapes) {
        return all(architecture, target, count, shapes).findFirst().orElseThrow();
    }

    private static Stream<Gathering> all(
            String architecture, String target, long count, Function<String, Optional<long[]>> shapes) {
        return RuleBook.of(architecture).formulas(target).stream()
                .flatMap(formula -> formula.bind(count, shapes, NUMBERS).stream());
    }

    private static Stream<String> targets(String architecture, String source) {
        return RuleBook.of(architecture).formulasOf(source).stream().map(Formula::target);
    }

    private static Function<String, Optional<long[]>> shapes(Map<String, long[]> shapes) {
        return name -> Optional.ofNullable(shapes.get(name));
    }

    private static NumberSource numbers(Map<String, Double> numbers) {
        return (name, _) -> numbers.containsKey(name) ? OptionalDouble.of(numbers.get(name)) : OptionalDouble.empty();
    }
}
