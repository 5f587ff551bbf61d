package io.github.expogguf.cli.report;

import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.gguf.TensorNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Tensors that are shown together.
 *
 * @param name    the layer or the kind
 * @param tensors at least one
 */
record DeltaGroup(String name, List<TensorDelta> tensors) {

    /** By layer, {@code blk.0} and so on, in the order of the file; tensors outside of layers are each alone. */
    static List<DeltaGroup> byLayer(PairComparison pair) {
        return group(pair, DeltaGroup::layer);
    }

    /** By what they are, {@code attn_q.weight} and so on, in the order of the file. */
    static List<DeltaGroup> byKind(PairComparison pair) {
        return group(pair, DeltaGroup::kind);
    }

    static String layer(TensorDelta tensor) {
        return layer(tensor.name());
    }

    static String layer(String tensor) {
        return TensorNames.inBlock(tensor).map(TensorNames.InBlock::block).orElse(tensor);
    }

    static String kind(TensorDelta tensor) {
        return kind(tensor.name());
    }

    static String kind(String tensor) {
        return TensorNames.inBlock(tensor).map(TensorNames.InBlock::kind).orElse(tensor);
    }

    DeltaSums sums() {
        return tensors.stream().map(TensorDelta::sums).reduce(DeltaSums.NONE, DeltaSums::plus);
    }

    private static List<DeltaGroup> group(PairComparison pair, Function<TensorDelta, String> key) {
        Map<String, List<TensorDelta>> groups = new LinkedHashMap<>();
        pair.tensors()
                .forEach(tensor -> groups.computeIfAbsent(key.apply(tensor), _ -> new ArrayList<>())
                        .add(tensor));
        return groups.entrySet().stream()
                .map(entry -> new DeltaGroup(entry.getKey(), entry.getValue()))
                .toList();
    }
}
