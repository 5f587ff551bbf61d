package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.Strip.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Weights that llama.cpp knows in two layouts: in one tensor, or in several, its parts. Gone through for v0.4.0 and
 * v0.5.0: the loaders (src/models, {@code create_tensor_qkv} and {@code create_tensor_gate_up_exps} in llama-model.cpp,
 * clip.cpp) and the converter (conversion, {@code --fuse-qkv}, {@code --fuse-gate-up-exps}).
 *
 * @param joined matches the whole name of the one tensor
 * @param parts  names of the others, in order; may be many
 * @param cut    where the rows of each are
 */
public record TensorLayout(Pattern joined, Function<Joined, Stream<String>> parts, Cut cut) {

    /** A name that matched, and its tensor. */
    record Joined(MatchResult name, TensorInfo tensor) {

        private String prefix() {
            return name.group(1) == null ? "" : name.group(1);
        }
    }

    /** Finds the rows. */
    @FunctionalInterface
    interface Cut {

        /** Empty if the shapes do not fit together. */
        List<Piece> pieces(TensorInfo joined, List<TensorInfo> parts, Metadata metadata);
    }

    private static final String BIAS = ".bias";

    static final List<TensorLayout> ALL = List.of(
            concatenated("attn_qkv", "(\\.(?:weight|bias))", "attn_q", "attn_k", "attn_v"),
            concatenated("ffn_gate_up_exps", "(\\.(?:weight|bias))", "ffn_gate_exps", "ffn_up_exps"),
            // the gate is the first half: ggml_vec_swiglu_f32 and the like, ggml-cpu/vec.h
            concatenated("ffn_up", "(\\.(?:weight|bias))", "ffn_gate", "ffn_up"),
            concatenated("ffn_up_shexp", "(\\.weight)", "ffn_gate_shexp", "ffn_up_shexp"),
            new TensorLayout(
                    Pattern.compile("(.*\\.)?time_mix_lerp_fused(\\.weight)"),
                    names(
                            "time_mix_lerp_w",
                            "time_mix_lerp_k",
                            "time_mix_lerp_v",
                            "time_mix_lerp_r",
                            "time_mix_lerp_g"),
                    (joined, parts, _) -> stacked(joined, parts)),
            new TensorLayout(
                    Pattern.compile("(.*\\.)?attn_kv_b(\\.weight)"),
                    names("attn_k_b", "attn_v_b"),
                    (joined, parts, _) -> LatentHeads.pieces(joined, parts.get(0), parts.get(1))),
            new TensorLayout(
                    Pattern.compile("(.*\\.)?ssm_in(\\.weight)"),
                    names("attn_qkv", "attn_gate"),
                    TensorLayout::linearHeads),
            new TensorLayout(
                    Pattern.compile("(.*\\.)?ffn_(gate|up|down)_exps(\\.weight)"),
                    found -> experts(found, "ffn_" + found.name.group(2)),
                    (joined, parts, _) -> stacked(joined, parts)),
            new TensorLayout(
                    Pattern.compile("(.*\\.)?ffn_gate_up_exps(\\.weight)"),
                    found -> experts(found, "ffn_gate", "ffn_up"),
                    (joined, parts, _) -> stacked(joined, parts)));

    private static TensorLayout concatenated(String joined, String suffix, String... parts) {
        return new TensorLayout(
                Pattern.compile("(.*\\.)?" + joined + suffix),
                names(parts),
                (tensor, tensors, _) -> concatenated(tensor, tensors));
    }

    private static Function<Joined, Stream<String>> names(String... parts) {
        return found -> Stream.of(parts).map(part -> found.prefix() + part + found.name.group(2));
    }

    /** One tensor for each expert, as converters wrote until April 2024: {@code blk.0.ffn_gate.7.weight}. */
    private static Stream<String> experts(Joined found, String... kinds) {
        return LongStream.range(0, found.tensor.shape().dimension(2))
                .boxed()
                .flatMap(expert -> Stream.of(kinds).map(kind -> found.prefix() + kind + "." + expert + ".weight"));
    }

    /** What counts as a row: biases are cut between any two of their values. */
    public static long rowLength(TensorInfo tensor) {
        return tensor.name().endsWith(BIAS) ? 1 : tensor.shape().rowLength();
    }

    /** Matrix by matrix, which for biases is vector by vector, the rows of one part after those of the other. */
    private static List<Piece> concatenated(TensorInfo joined, List<TensorInfo> parts) {
        long matrices = matrices(joined);
        long rows = rows(joined) / matrices;
        List<Piece> pieces = new ArrayList<>();
        long at = 0;
        for (TensorInfo part : parts) {
            long partRows = rows(part) / matrices(part);
            if (rowLength(part) != rowLength(joined) || matrices(part) != matrices || partRows > rows - at) {
                return List.of();
            }
            pieces.add(new Piece(
                    pieces.size(),
                    new Span(0, partRows, partRows, matrices),
                    new Span(at, rows, partRows, matrices),
                    false));
            at += partRows;
        }
        return at == rows ? pieces : List.of();
    }

    /** All rows of one part after those of the other. */
    private static List<Piece> stacked(TensorInfo joined, List<TensorInfo> parts) {
        List<Piece> pieces = new ArrayList<>();
        long rows = rows(joined) / parts.size();
        for (TensorInfo part : parts) {
            if (rowLength(part) != rowLength(joined) || rows(part) != rows) {
                return List.of();
            }
            pieces.add(new Piece(pieces.size(), Span.of(0, rows), Span.of(pieces.size() * rows, rows), false));
        }
        return rows(joined) == rows * parts.size() ? pieces : List.of();
    }

    /**
     * Qwen3-Next's linear attention: {@code ssm_in} has query, key, value and gate of one head after the other (of the
     * keys' heads; each with its share of the values), {@code attn_qkv} all queries, then all keys, then all values
     * ({@code build_qkvz} in src/models/qwen3next.cpp, v0.5.0).
     */
    private static List<Piece> linearHeads(TensorInfo joined, List<TensorInfo> parts, Metadata metadata) {
        String prefix = metadata.architecture() + ".ssm.";
        long heads = metadata.integer(prefix + "group_count").orElse(0);
        long keys = metadata.integer(prefix + "state_size").orElse(0);
        long allValues = metadata.integer(prefix + "inner_size").orElse(0);
        long rows = rows(joined);
        boolean areInRange = heads >= 1 && keys >= 1 && keys <= rows && allValues >= heads && allValues <= rows;
        if (!areInRange || allValues % heads != 0) {
            return List.of();
        }
        long values = allValues / heads;
        long head = 2 * (keys + values);
        boolean fits = rows % head == 0
                && rows / head == heads
                && rows(parts.get(0)) == heads * (2 * keys + values)
                && rows(parts.get(1)) == allValues
                && parts.stream().allMatch(part -> rowLength(part) == rowLength(joined));
        return !fits
                ? List.of()
                : List.of(
                        new Piece(0, ofHeads(0, keys, heads), new Span(0, head, keys, heads), false),
                        new Piece(0, ofHeads(heads * keys, keys, heads), new Span(keys, head, keys, heads), false),
                        new Piece(
                                0,
                                ofHeads(2 * heads * keys, values, heads),
                                new Span(2 * keys, head, values, heads),
                                false),
                        new Piece(
                                1, ofHeads(0, values, heads), new Span(2 * keys + values, head, values, heads), false));
    }

    private static Span ofHeads(long first, long rows, long heads) {
        return new Span(first, rows, rows, heads);
    }

    private static long rows(TensorInfo tensor) {
        return tensor.shape().elementCount() / rowLength(tensor);
    }

    private static long matrices(TensorInfo tensor) {
        long inFirst = tensor.name().endsWith(BIAS) ? 1 : tensor.shape().dimension(1);
        return tensor.shape().rowCount() / inFirst;
    }
}
