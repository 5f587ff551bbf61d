package io.github.expogguf.testing;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Models with the same weights in two layouts, and the place of every value in both, counted out one by one. */
public final class Layouts {

    private Layouts() {}

    /**
     * A model in two layouts.
     *
     * @param apart  with several tensors where the other has one
     * @param joined with one tensor where the other has several
     * @param joins  what is joined
     */
    public record Pair(TinyModel apart, TinyModel joined, List<Join> joins) {

        /** Values of the joined model, from those of the other. */
        public TensorValues join(TensorValues apartValues) {
            return spec -> {
                for (Join join : joins) {
                    if (join.joined.name().equals(spec.name())) {
                        float[] values = new float[Math.toIntExact(spec.shape().elementCount())];
                        List<float[]> parts =
                                join.parts.stream().map(apartValues::of).toList();
                        join.places.visit((part, inPart, inJoined) -> values[inJoined] = parts.get(part)[inPart]);
                        return values;
                    }
                }
                return apartValues.of(spec);
            };
        }

        /** Values of the other model, from those of the joined one. */
        public TensorValues takeApart(TensorValues joinedValues) {
            return spec -> {
                for (Join join : joins) {
                    for (int part = 0; part < join.parts.size(); part++) {
                        if (join.parts.get(part).name().equals(spec.name())) {
                            float[] values =
                                    new float[Math.toIntExact(spec.shape().elementCount())];
                            float[] all = joinedValues.of(join.joined);
                            int wanted = part;
                            join.places.visit((which, inPart, inJoined) -> {
                                if (which == wanted) {
                                    values[inPart] = all[inJoined];
                                }
                            });
                            return values;
                        }
                    }
                }
                return joinedValues.of(spec);
            };
        }

        /** With the matrices of the two in other types. */
        public Pair withMatrices(GgmlType apartType, GgmlType joinedType) {
            return new Pair(apart.withMatrices(apartType), joined.withMatrices(joinedType), joins);
        }
    }

    /**
     * One tensor and those that it is made of.
     *
     * @param places of every value
     */
    public record Join(TensorSpec joined, List<TensorSpec> parts, Places places) {}

    /** Counts out places. */
    @FunctionalInterface
    public interface Places {

        /** Visits each value once. */
        void visit(Visitor visitor);
    }

    /** Takes places. */
    @FunctionalInterface
    public interface Visitor {

        /** A value of a part, by its index there and in the joined tensor. */
        void visit(int part, int inPart, int inJoined);
    }

    /** Queries, keys and values, grouped, with biases. */
    public static Pair attention() {
        TinyModel model = TinyModels.qwen2(Sizes.of(2, 256, 256, 4, 2));
        List<Join> joins = new ArrayList<>();
        for (int block = 0; block < 2; block++) {
            String prefix = "blk." + block + ".attn_";
            for (String suffix : List.of(".weight", ".bias")) {
                joins.add(rows(
                        model,
                        prefix + "qkv" + suffix,
                        prefix + "q" + suffix,
                        prefix + "k" + suffix,
                        prefix + "v" + suffix));
            }
        }
        return pair(model, joins);
    }

    /** Gate and up projections of experts. */
    public static Pair experts() {
        return experts(TinyModels.llama(Sizes.of(1, 256, 512, 4, 2).withExperts(3)), 0);
    }

    private static Pair experts(TinyModel model, int block) {
        String prefix = "blk." + block + ".ffn_";
        return pair(
                model,
                List.of(rows(
                        model,
                        prefix + "gate_up_exps.weight",
                        prefix + "gate_exps.weight",
                        prefix + "up_exps.weight")));
    }

    /** The same of a dense model, where the one tensor keeps a name of the two. */
    public static Pair gated() {
        TinyModel model = TinyModels.llama(Sizes.of(1, 256, 512, 4, 2));
        return pair(model, List.of(rows(model, "blk.0.ffn_up.weight", "blk.0.ffn_gate.weight", "blk.0.ffn_up.weight")));
    }

    /** A tensor for each expert, as in the first files of Mixtral, and all in one. */
    public static Pair singleExperts() {
        TinyModel model = TinyModels.llama(Sizes.of(1, 256, 512, 4, 2)).select(name -> !name.contains("ffn"));
        for (int expert = 0; expert < 3; expert++) {
            for (String kind : List.of("gate", "up")) {
                model = model.with("blk.0.ffn_" + kind + "." + expert + ".weight", GgmlType.F32, 256, 512);
            }
            model = model.with("blk.0.ffn_down." + expert + ".weight", GgmlType.F32, 512, 256);
        }
        TinyModel apart = model;
        return pair(
                model,
                List.of(
                        stacked(
                                apart,
                                "blk.0.ffn_gate_up_exps.weight",
                                new Shape(256, 1024, 3),
                                IntStream.range(0, 6)
                                        .mapToObj(
                                                i -> "blk.0.ffn_" + (i % 2 == 0 ? "gate." : "up.") + i / 2 + ".weight")
                                        .toList()),
                        stacked(
                                apart,
                                "blk.0.ffn_down_exps.weight",
                                new Shape(512, 256, 3),
                                IntStream.range(0, 3)
                                        .mapToObj(expert -> "blk.0.ffn_down." + expert + ".weight")
                                        .toList())));
    }

    /** RWKV's five vectors. */
    public static Pair mixing() {
        TinyModel model = TinyModels.llama(Sizes.of(1, 256, 512, 4, 2));
        List<String> names = new ArrayList<>();
        for (String kind : List.of("w", "k", "v", "r", "g")) {
            names.add("blk.0.time_mix_lerp_" + kind + ".weight");
            model = model.with(names.getLast(), GgmlType.F32, 256, 1, 1);
        }
        return pair(model, List.of(stacked(model, "blk.0.time_mix_lerp_fused.weight", new Shape(256, 1, 1, 5), names)));
    }

    /** Qwen3-Next's linear attention: two heads of keys, each with two of values. */
    public static Pair linearAttention() {
        int heads = 2;
        int keys = 32;
        int values = 128;
        TinyModel model = TinyModels.llama(Sizes.of(1, 256, 512, 4, 2))
                .with("llama.ssm.group_count", MetadataValue.ofUint32(heads))
                .with("llama.ssm.state_size", MetadataValue.ofUint32(keys))
                .with("llama.ssm.inner_size", MetadataValue.ofUint32(heads * values))
                .select(name -> !name.matches(".*attn_[qkv]\\.weight"))
                .with("blk.0.attn_qkv.weight", GgmlType.F32, 256, heads * (2 * keys + values))
                .with("blk.0.attn_gate.weight", GgmlType.F32, 256, heads * values);
        TensorSpec joined =
                new TensorSpec("blk.0.ssm_in.weight", GgmlType.F32, new Shape(256, heads * 2 * (keys + values)));
        Places places = visitor -> {
            int row = 0; // of ssm_in
            for (int head = 0; head < heads; head++) {
                int[][] runs = {
                    {0, head * keys, keys},
                    {0, heads * keys + head * keys, keys},
                    {0, 2 * heads * keys + head * values, values},
                    {1, head * values, values}
                };
                for (int[] run : runs) {
                    for (int i = 0; i < run[2]; i++, row++) {
                        for (int column = 0; column < 256; column++) {
                            visitor.visit(run[0], (run[1] + i) * 256 + column, row * 256 + column);
                        }
                    }
                }
            }
        };
        return pair(
                model,
                List.of(new Join(
                        joined,
                        List.of(spec(model, "blk.0.attn_qkv.weight"), spec(model, "blk.0.attn_gate.weight")),
                        places)));
    }

    private static final int HEADS = 4;
    private static final int RANK = 256;
    private static final int KEYS = 64;
    private static final int VALUES = 96;
    private static final int ROTATED = 32;

    /**
     * DeepSeek's latent attention; llama.cpp runs both. The joined model has the metadata that converters wrote until
     * April 2025.
     */
    public static Pair latentAttention() {
        TinyModel base = TinyModels.llama(Sizes.of(2, 256, 512, HEADS, HEADS))
                .select(name -> !name.matches(".*attn_[qkv]\\..*|.*attn_output.*"));
        TinyModel model = renamed(base, "deepseek2")
                .with("deepseek2.attention.q_lora_rank", MetadataValue.ofUint32(64))
                .with("deepseek2.attention.kv_lora_rank", MetadataValue.ofUint32(RANK))
                .with("deepseek2.rope.dimension_count", MetadataValue.ofUint32(ROTATED))
                .with("deepseek2.leading_dense_block_count", MetadataValue.ofUint32(2))
                .with("deepseek2.expert_feed_forward_length", MetadataValue.ofUint32(256))
                .with("deepseek2.expert_shared_count", MetadataValue.ofUint32(1))
                .with("deepseek2.expert_count", MetadataValue.ofUint32(2))
                .with("deepseek2.expert_used_count", MetadataValue.ofUint32(1));
        for (int block = 0; block < 2; block++) {
            String prefix = "blk." + block + ".attn_";
            model = model.with(prefix + "q_a_norm.weight", GgmlType.F32, 64)
                    .with(prefix + "kv_a_norm.weight", GgmlType.F32, RANK)
                    .with(prefix + "q_a.weight", GgmlType.F32, 256, 64)
                    .with(prefix + "q_b.weight", GgmlType.F32, 64, HEADS * (KEYS + ROTATED))
                    .with(prefix + "kv_a_mqa.weight", GgmlType.F32, 256, RANK + ROTATED)
                    .with(prefix + "output.weight", GgmlType.F32, HEADS * VALUES, 256)
                    .with(prefix + "k_b.weight", GgmlType.F32, KEYS, RANK, HEADS)
                    .with(prefix + "v_b.weight", GgmlType.F32, RANK, VALUES, HEADS);
        }
        List<Join> joins = new ArrayList<>();
        for (int block = 0; block < 2; block++) {
            joins.add(latentHeads(model, "blk." + block + ".attn_"));
        }
        Pair pair = pair(model, joins);
        return new Pair(
                lengths(pair.apart, RANK + ROTATED, RANK, 1)
                        .with("deepseek2.attention.key_length_mla", MetadataValue.ofUint32(KEYS + ROTATED))
                        .with("deepseek2.attention.value_length_mla", MetadataValue.ofUint32(VALUES)),
                lengths(pair.joined, KEYS + ROTATED, VALUES, HEADS),
                joins);
    }

    private static TinyModel lengths(TinyModel model, int key, int value, int heads) {
        return model.with("deepseek2.attention.key_length", MetadataValue.ofUint32(key))
                .with("deepseek2.attention.value_length", MetadataValue.ofUint32(value))
                .with("deepseek2.attention.head_count_kv", MetadataValue.ofUint32(heads));
    }

    private static Join latentHeads(TinyModel model, String prefix) {
        TensorSpec joined =
                new TensorSpec(prefix + "kv_b.weight", GgmlType.F32, new Shape(RANK, HEADS * (KEYS + VALUES)));
        List<TensorSpec> parts = List.of(spec(model, prefix + "k_b.weight"), spec(model, prefix + "v_b.weight"));
        return new Join(joined, parts, visitor -> {
            for (int head = 0; head < HEADS; head++) {
                for (int i = 0; i < RANK; i++) {
                    for (int key = 0; key < KEYS; key++) {
                        visitor.visit(0, (head * RANK + i) * KEYS + key, (head * (KEYS + VALUES) + key) * RANK + i);
                    }
                    for (int value = 0; value < VALUES; value++) {
                        visitor.visit(
                                1,
                                (head * VALUES + value) * RANK + i,
                                (head * (KEYS + VALUES) + KEYS + value) * RANK + i);
                    }
                }
            }
        });
    }

    /** The same with experts in the second layer, whose gate and up projections the joined model has in one tensor. */
    public static Pair latentAttentionWithExperts() {
        Pair dense = latentAttention();
        TinyModel apart = withExperts(dense.apart);
        Join join =
                rows(apart, "blk.1.ffn_gate_up_exps.weight", "blk.1.ffn_gate_exps.weight", "blk.1.ffn_up_exps.weight");
        List<Join> joins = new ArrayList<>(dense.joins);
        joins.add(join);
        TinyModel joined =
                withExperts(dense.joined).select(name -> !name.matches("blk\\.1\\.ffn_(gate|up)_exps\\.weight"));
        return new Pair(apart, with(joined, join.joined), joins);
    }

    private static TinyModel withExperts(TinyModel model) {
        TinyModel result = model.select(name -> !name.matches("blk\\.1\\.ffn_(gate|up|down)\\.weight"))
                .with("deepseek2.leading_dense_block_count", MetadataValue.ofUint32(1))
                .with("blk.1.ffn_gate_inp.weight", GgmlType.F32, 256, 2)
                .with("blk.1.exp_probs_b.bias", GgmlType.F32, 2)
                .with("blk.1.ffn_down_exps.weight", GgmlType.F32, 256, 256, 2)
                .with("blk.1.ffn_down_shexp.weight", GgmlType.F32, 256, 256);
        for (String kind : List.of("gate", "up")) {
            result = result.with("blk.1.ffn_" + kind + "_exps.weight", GgmlType.F32, 256, 256, 2)
                    .with("blk.1.ffn_" + kind + "_shexp.weight", GgmlType.F32, 256, 256);
        }
        return result;
    }

    private static TinyModel renamed(TinyModel model, String architecture) {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        model.metadata()
                .asMap()
                .forEach((key, value) -> values.put(key.replaceFirst("^llama\\.", architecture + "."), value));
        values.put("general.architecture", MetadataValue.ofString(architecture));
        return new TinyModel(new Metadata(values), model.tensors());
    }

    private static Pair pair(TinyModel apart, List<Join> joins) {
        List<String> gone = joins.stream()
                .flatMap(join -> join.parts.stream())
                .map(TensorSpec::name)
                .toList();
        TinyModel joined = apart.select(name -> !gone.contains(name));
        for (Join join : joins) {
            joined = with(joined, join.joined);
        }
        return new Pair(apart, joined, joins);
    }

    private static TinyModel with(TinyModel model, TensorSpec tensor) {
        return model.with(tensor.name(), tensor.type(), tensor.shape().dimensions());
    }

    private static TensorSpec spec(TinyModel model, String name) {
        return model.tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The rows of one after those of the other in every matrix; the values, if they are vectors. */
    private static Join rows(TinyModel model, String joined, String... names) {
        List<TensorSpec> parts =
                List.of(names).stream().map(name -> spec(model, name)).toList();
        boolean areVectors = parts.getFirst().shape().rank() == 1;
        int length = areVectors ? 1 : (int) parts.getFirst().shape().rowLength();
        int[] rows = parts.stream()
                .mapToInt(part -> (int) part.shape().dimension(areVectors ? 0 : 1))
                .toArray();
        int all = IntStream.of(rows).sum();
        int matrices = (int) parts.getFirst().shape().dimension(2);
        Shape shape = areVectors ? new Shape(all) : new Shape(length, all, matrices);
        return new Join(new TensorSpec(joined, GgmlType.F32, shape), parts, visitor -> {
            for (int matrix = 0; matrix < matrices; matrix++) {
                int at = 0;
                for (int part = 0; part < rows.length; part++) {
                    for (int row = 0; row < rows[part]; row++, at++) {
                        for (int column = 0; column < length; column++) {
                            visitor.visit(
                                    part,
                                    (matrix * rows[part] + row) * length + column,
                                    (matrix * all + at) * length + column);
                        }
                    }
                }
            }
        });
    }

    /** All values of one after those of the other. */
    private static Join stacked(TinyModel model, String joined, Shape shape, List<String> names) {
        List<TensorSpec> parts = names.stream().map(name -> spec(model, name)).toList();
        return new Join(new TensorSpec(joined, GgmlType.F32, shape), parts, visitor -> {
            int at = 0;
            for (int part = 0; part < parts.size(); part++) {
                for (int i = 0; i < parts.get(part).shape().elementCount(); i++, at++) {
                    visitor.visit(part, i, at);
                }
            }
        });
    }
}
