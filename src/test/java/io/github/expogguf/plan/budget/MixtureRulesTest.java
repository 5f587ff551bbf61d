package io.github.expogguf.plan.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.TensorTypeRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MixtureRulesTest {

    @Test
    void eachTensorIsDecidedByOneRuleAlone() {
        Map<String, GgmlType> types = new LinkedHashMap<>();
        Random random = new Random(1);
        GgmlType[] some = {GgmlType.Q3_K, GgmlType.Q4_K, GgmlType.Q6_K};
        for (int layer = 0; layer < 260; layer++) {
            for (String kind : List.of("attn_q", "attn_k", "ffn_up", "ffn_up_exps")) {
                types.put("blk." + layer + "." + kind + ".weight", some[random.nextInt(3)]);
            }
        }
        types.put("token_embd.weight", GgmlType.Q4_K);
        types.put("output.weight", GgmlType.Q6_K);
        types.put("enc.blk.1.attn_q.weight", GgmlType.Q3_K);
        List<TensorTypeRule> rules = MixtureRules.of(types);
        types.forEach((name, type) -> assertThat(rules)
                .filteredOn(rule -> rule.name().matcher(name).find())
                .singleElement()
                .extracting(TensorTypeRule::type)
                .isEqualTo(type));
        assertThat(rules)
                .noneMatch(rule -> rule.name().matcher("blk.1.attn_qx.weight").find());
        assertThat(rules)
                .noneMatch(rule -> rule.name().matcher("blk.1.attn_q_weight").find());
    }

    @Test
    void readsWellAndIsReadAgainByTheCommandLine() {
        Map<String, GgmlType> types = new LinkedHashMap<>();
        types.put("blk.0.attn_q.weight", GgmlType.Q4_K);
        types.put("blk.2.attn_q.weight", GgmlType.Q4_K);
        types.put("output.weight", GgmlType.Q6_K);
        List<String> texts =
                MixtureRules.of(types).stream().map(TensorTypeRule::text).toList();
        assertThat(texts).containsExactly("^blk\\.(0|2)\\.attn_q\\.weight$=Q4_K", "^output\\.weight$=Q6_K");
        assertThat(texts.stream().map(TensorTypeRule::parseInLowerCase).map(TensorTypeRule::text))
                .isEqualTo(texts);
    }
}
