package io.github.expogguf.plan.pair;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.pair.HyperParameterTable.Row;
import io.github.expogguf.plan.pair.HyperParameterTable.Use;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HyperParameterTableTest {

    private static final HyperParameterTable TABLE = HyperParameterTable.LLAMA_CPP;

    /** Keys that decide what others mean. */
    private static final Map<String, MetadataValue> COMMON = Map.of(
            "block_count", MetadataValue.ofUint32(6),
            "context_length", MetadataValue.ofUint32(4096),
            "embedding_length", MetadataValue.ofUint32(512),
            "feed_forward_length", MetadataValue.ofUint32(1024),
            "attention.head_count", MetadataValue.ofUint32(8));

    static List<Row> rows() {
        return TABLE.all().stream()
                .filter(row -> !row.key().startsWith("general."))
                .toList();
    }

    /** Without those that {@link PredictionBlocks} compares, and those that may differ. */
    static List<Row> comparedRows() {
        return rows().stream()
                .filter(row -> !Set.of("block_count", "nextn_predict_layers", "context_length")
                        .contains(row.key()))
                .toList();
    }

    @Test
    void everyRowIsOfAnArchitectureAndNoKeyHasTwoOfOne() {
        Set<String> seen = new HashSet<>();
        for (Row row : rows()) {
            for (String architecture : row.architectures()) {
                assertThat(architecture.equals(HyperParameterTable.ANY) || TABLE.knows(architecture))
                        .as(architecture)
                        .isTrue();
                assertThat(seen.add(row.key() + " " + architecture))
                        .as(row.toString())
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("comparedRows")
    void aValueThatIsTheDefaultEqualsAMissingKeyAndAnotherOneDoesNot(Row row) {
        for (String architecture : architectures(row)) {
            Map<String, MetadataValue> without = common(architecture);
            without.keySet().removeIf(key -> key.equals(architecture + "." + row.key()));
            HyperParameterValues values = new HyperParameterValues(new Metadata(without), 6);
            String key = values.fileKey(row.key());
            if (row.missing().equals("required") || row.missing().equals("?")) {
                assertThat(values.effective(row.key())).as(key).isEmpty();
                continue;
            }
            if (row.missing().startsWith("=") || row.missing().startsWith("@")) {
                continue; // by a case of its own below, as they depend on other keys
            }
            String value = values.effective(row.key()).orElseThrow();
            Map<String, MetadataValue> stated = new LinkedHashMap<>(without);
            stated.put(key, value(value));
            assertThat(differences(without, stated)).as(key).isEmpty();
            stated.put(
                    key,
                    value.equals("silu") || value.equals("gelu")
                            ? MetadataValue.ofString("relu")
                            : MetadataValue.ofUint32(77));
            assertThat(differences(without, stated))
                    .as(key)
                    .extracting(KeyDifference::key, KeyDifference::matters)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple(key, row.use() == Use.READ));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            llama     | attention.head_count_kv                 |                              | 8
            llama     | attention.key_length                    |                              | 64
            llama     | attention.value_length                  |                              | 64
            llama     | attention.key_length_swa                | attention.key_length=96      | 96
            llama     | attention.value_length_swa              | attention.value_length=80    | 80
            llama     | rope.dimension_count                    |                              | 64
            llama     | rope.dimension_count_swa                | rope.dimension_count=32      | 32
            llama     | rope.scaling.original_context_length    |                              | 4096
            llama     | rope.scaling.factor                     |                              | 1
            llama     | rope.scaling.factor                     | rope.scale_linear=4          | 4
            llama     | rope.scaling.type                       |                              | linear
            llama     | embedding_length_out                    |                              | 512
            llama     | expert_group_used_count                 |                              | 1
            gemma2    | rope.freq_base_swa                      | rope.freq_base=5000          | 5000
            gemma3    | rope.freq_base_swa                      | rope.freq_base=5000          | 10000
            gemma3    | attention.sliding_window_pattern        |                              | 0
            gemma3    | attention.sliding_window_pattern        | attention.sliding_window=512 | [1, 1, 1, 1, 1, 0]
            gemma2    | attention.sliding_window_pattern        |                              | [1, 0, 1, 0, 1, 0]
            cohere2moe | attention.sliding_window_pattern       | attention.sliding_window=9   | [0, 1, 1, 1, 0, 1]
            qwen35    | attention.recurrent_layers              |                              | [1, 1, 1, 0, 1, 1]
            qwen3next | attention.recurrent_layers              | full_attention_interval=2    | [1, 0, 1, 0, 1, 0]
            minimax-01 | attention.recurrent_layers             |                              | 1
            nemotron_h | attention.layer_norm_rms_epsilon       | attention.layer_norm_epsilon=3 | 3
            deepseek2 | expert_gating_func                      |                              | 1
            glm4moe   | expert_gating_func                      |                              | 2
            glm4moe   | expert_gating_func                      | expert_gating_func=0         | 2
            deepseek4 | swiglu_clamp_shexp                      | swiglu_clamp_exp=7           | 7
            glm-dsa   | attention.indexer.types                 |                              | 1
            glm-dsa   | attention.indexer.types                 | context_length=1048576       | [1, 1, 1, 0, 0, 0]
            laguna    | expert_shared_feed_forward_length       | expert_feed_forward_length=9 | 9
            hy_v3     | expert_shared_feed_forward_length       | expert_feed_forward_length=9 | 9
            qwen2moe  | expert_shared_feed_forward_length       |                              | 1024
            minicpm   | logit_scale                             |                              | 0.5
            minicpm   | residual_scale                          |                              | 0.5715475678443909
            minicpm   | embedding_scale                         |                              | 12
            t5        | decoder_block_count                     |                              | 6
            qwen4exp  | ple.image_token_id                      | ple.eos_token_id=5           | 5
            """)
    void computesDefaultsFromOtherKeys(String architecture, String key, String other, String expected) {
        Map<String, MetadataValue> values = common(architecture);
        if (other != null) {
            String[] pair = other.split("=");
            values.put(architecture + "." + pair[0], MetadataValue.ofUint32(Long.parseLong(pair[1])));
        }
        assertThat(new HyperParameterValues(new Metadata(values), 6).effective(key))
                .contains(expected);
    }

    @Test
    void noReferenceLeadsBackToItself() {
        for (Row row : rows()) {
            for (String architecture : architectures(row)) {
                new HyperParameterValues(new Metadata(common(architecture)), 6).effective(row.key());
            }
        }
    }

    @Test
    void scalingByOneIsNoneWhateverItsName() {
        Map<String, MetadataValue> none = common("llama");
        none.put("llama.rope.scaling.type", MetadataValue.ofString("none"));
        Map<String, MetadataValue> linear = common("llama");
        linear.put("llama.rope.scaling.factor", MetadataValue.ofFloat32(1));
        assertThat(differences(none, linear)).isEmpty();
        linear.put("llama.rope.scaling.factor", MetadataValue.ofFloat32(2));
        assertThat(differences(none, linear))
                .extracting(KeyDifference::key)
                .containsExactly("llama.rope.scaling.factor");
        none.put("llama.rope.scaling.factor", MetadataValue.ofFloat32(2));
        assertThat(differences(none, linear)).extracting(KeyDifference::key).containsExactly("llama.rope.scaling.type");
    }

    @Test
    void whatTheTrainedLengthDecidesIsComparedWhereRotationIsStretched() {
        Map<String, MetadataValue> shorter = common("llama");
        shorter.put("llama.rope.scaling.type", MetadataValue.ofString("yarn"));
        Map<String, MetadataValue> longer = new LinkedHashMap<>(shorter);
        longer.put("llama.context_length", MetadataValue.ofUint32(8192));
        assertThat(differences(shorter, longer))
                .extracting(KeyDifference::key)
                .containsExactly("llama.rope.scaling.original_context_length");
    }

    @Test
    void theLengthOfHeadsFollowsFromThoseOfTheFirstLayer() {
        Map<String, MetadataValue> byLayer = common("openelm");
        byLayer.put("openelm.attention.head_count", MetadataValue.ofInt32s(4, 8, 8, 8, 8, 8));
        Map<String, MetadataValue> stated = new LinkedHashMap<>(byLayer);
        stated.put("openelm.attention.key_length", MetadataValue.ofUint32(128));
        stated.put("openelm.rope.dimension_count", MetadataValue.ofUint32(128));
        assertThat(differences(byLayer, stated)).isEmpty();
    }

    @Test
    void arraysOfFlagsAreComparedWithPeriodsByLayer() {
        Map<String, MetadataValue> period = common("gemma3");
        period.put("gemma3.attention.sliding_window", MetadataValue.ofUint32(512));
        Map<String, MetadataValue> flags = new LinkedHashMap<>(period);
        flags.put("gemma3.attention.sliding_window_pattern", MetadataValue.ofInt32s(1, 1, 1, 1, 1, 0));
        assertThat(differences(period, flags)).isEmpty();
        flags.put("gemma3.attention.sliding_window_pattern", MetadataValue.ofInt32s(1, 1, 1, 1, 0, 1));
        assertThat(differences(period, flags)).hasSize(1);
    }

    private static List<String> architectures(Row row) {
        return row.architectures().contains(HyperParameterTable.ANY)
                ? TABLE.architectures().stream()
                        .filter(architecture -> TABLE.row(architecture, row.key())
                                .filter(row::equals)
                                .isPresent())
                        .sorted()
                        .limit(3)
                        .toList()
                : row.architectures();
    }

    private static Map<String, MetadataValue> common(String architecture) {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("general.architecture", MetadataValue.ofString(architecture));
        COMMON.forEach((key, value) -> values.put(architecture + "." + key, value));
        return values;
    }

    private static MetadataValue value(String text) {
        return switch (text) {
            case "true", "false" -> MetadataValue.ofBoolean(Boolean.parseBoolean(text));
            case "[]" -> MetadataValue.ofStrings(List.of());
            case "silu", "gelu", "linear" -> MetadataValue.ofString(text);
            default ->
                text.matches("-?\\d+")
                        ? MetadataValue.ofInteger(MetadataType.INT64, Long.parseLong(text))
                        : MetadataValue.ofFloat32(Float.parseFloat(text));
        };
    }

    private static List<KeyDifference> differences(Map<String, MetadataValue> sft, Map<String, MetadataValue> aligned) {
        return HyperParameterPairing.differences(
                new ModelHeader("sft.gguf", new Metadata(sft), List.of()),
                new ModelHeader("aligned.gguf", new Metadata(aligned), List.of()),
                Set.of());
    }
}
