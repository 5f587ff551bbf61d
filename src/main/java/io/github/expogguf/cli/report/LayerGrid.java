package io.github.expogguf.cli.report;

import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.TensorDelta;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The tensors of a model by layer and kind, in the order of the file.
 *
 * @param kinds  of tensors in layers
 * @param layers from layer and kind to tensor
 * @param alone  tensors outside of layers
 */
record LayerGrid(Set<String> kinds, Map<String, Map<String, TensorDelta>> layers, List<TensorDelta> alone) {

    static LayerGrid of(List<TensorDelta> tensors) {
        LayerGrid grid = new LayerGrid(new LinkedHashSet<>(), new LinkedHashMap<>(), new ArrayList<>());
        for (TensorDelta tensor : tensors) {
            String layer = DeltaGroup.layer(tensor);
            if (layer.equals(tensor.name())) {
                grid.alone.add(tensor);
            } else {
                grid.kinds.add(DeltaGroup.kind(tensor));
                grid.layers.computeIfAbsent(layer, _ -> new LinkedHashMap<>()).put(DeltaGroup.kind(tensor), tensor);
            }
        }
        return grid;
    }

    /** Of all tensors of a layer. */
    DeltaSums ofLayer(String layer) {
        return total(layers.getOrDefault(layer, Map.of()).values().stream());
    }

    /** Of a kind in all layers. */
    DeltaSums ofKind(String kind) {
        return total(layers.values().stream().flatMap(layer -> Stream.ofNullable(layer.get(kind))));
    }

    DeltaSums ofLayers() {
        return total(layers.values().stream().flatMap(layer -> layer.values().stream()));
    }

    DeltaSums ofAll() {
        return ofLayers().plus(total(alone.stream()));
    }

    /** All of these. */
    Stream<DeltaSums> totals() {
        return Stream.of(
                        layers.keySet().stream().map(this::ofLayer),
                        kinds.stream().map(this::ofKind),
                        Stream.of(ofLayers(), ofAll()))
                .flatMap(sums -> sums);
    }

    private static DeltaSums total(Stream<TensorDelta> tensors) {
        return tensors.map(TensorDelta::sums).reduce(DeltaSums.NONE, DeltaSums::plus);
    }
}
