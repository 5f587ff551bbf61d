package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;

/** Compares the tensors of two models: names, shapes, and whether they hold integers. */
final class TensorPairing {

    private TensorPairing() {}

    /**
     * @param layouts          what the models have in different layouts; the obstacles to going on with it are
     *                         differences
     * @param tokensAreMatched whether tensors with a row for every token may have more or fewer rows
     */
    static List<String> differences(
            List<TensorInfo> sft, List<TensorInfo> aligned, TensorLayouts layouts, boolean tokensAreMatched) {
        Map<String, TensorInfo> sftByName = byName(layouts.unmatchedSft(sft));
        Map<String, TensorInfo> alignedByName = byName(layouts.unmatchedAligned(aligned));
        List<String> differences = new ArrayList<>(layouts.obstacles());
        addGroup(differences, "only in the SFT model", missing(sftByName, alignedByName));
        addGroup(differences, "only in the aligned model", missing(alignedByName, sftByName));
        addGroup(
                differences,
                "of different shapes",
                different(
                        sftByName,
                        alignedByName,
                        (a, b) -> a.shape().equals(b.shape())
                                || (tokensAreMatched && TokenTensors.matchesButForTokens(a, b)),
                        TensorInfo::shape));
        addGroup(
                differences,
                "with integers in one model only",
                different(sftByName, alignedByName, (a, b) -> matches(a.type(), b.type()), TensorInfo::type));
        return differences;
    }

    /** Floats of any type go together, integers only with the same integers, which are copied. */
    private static boolean matches(GgmlType sft, GgmlType aligned) {
        return sft == aligned || !(sft.isInteger() || aligned.isInteger());
    }

    private static Map<String, TensorInfo> byName(List<TensorInfo> tensors) {
        Map<String, TensorInfo> byName = new LinkedHashMap<>();
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        return byName;
    }

    private static List<String> missing(Map<String, TensorInfo> present, Map<String, TensorInfo> other) {
        return present.values().stream()
                .filter(tensor -> TokenTensors.counterpart(other, tensor) == null)
                .map(TensorInfo::name)
                .toList();
    }

    private static List<String> different(
            Map<String, TensorInfo> sft,
            Map<String, TensorInfo> aligned,
            BiPredicate<TensorInfo, TensorInfo> matches,
            Function<TensorInfo, Object> property) {
        List<String> different = new ArrayList<>();
        for (TensorInfo tensor : aligned.values()) {
            TensorInfo other = TokenTensors.counterpart(sft, tensor);
            if (other != null && !matches.test(other, tensor)) {
                different.add(tensor.name() + " (" + property.apply(other) + " in the SFT model, "
                        + property.apply(tensor) + " in the aligned model)");
            }
        }
        return different;
    }

    private static void addGroup(List<String> differences, String what, List<String> names) {
        if (!names.isEmpty()) {
            differences.add(Words.plural(names.size(), "tensor") + " " + what + ": " + Names.list(names));
        }
    }
}
