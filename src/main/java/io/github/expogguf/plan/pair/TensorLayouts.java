package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.TensorLayout.Joined;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;

/**
 * What two models have in different layouts: one has in several tensors what the other has in one. Their rows, or the
 * columns of matrices that one has transposed, are matched, so that the tensors of the aligned model can be put
 * together from those of the other. Pure: no I/O.
 */
public final class TensorLayouts {

    /** A matrix is read as a whole for each chunk of its columns; trained ones have some 100,000 elements. */
    static final long MAX_TRANSPOSED_ELEMENTS = 1 << 20;

    /** Parts that a message can need. */
    private static final int MAX_NAMED = 4;

    private final Metadata metadata;
    private final Metadata otherMetadata;
    private final Map<String, List<Strip>> strips = new LinkedHashMap<>(); // by name in the aligned model
    private final Set<String> matched = new HashSet<>(); // names in the aligned model, also those with an obstacle
    private final Set<String> otherMatched = new HashSet<>();
    private final Map<String, List<String>> obstacles = new LinkedHashMap<>(); // kind of obstacle to cases
    private final Set<LatentHeads> latentHeads = new HashSet<>();

    private TensorLayouts(ModelHeader other, ModelHeader aligned) {
        this.metadata = aligned.metadata();
        this.otherMetadata = other.metadata();
        Side of = new Side("the aligned model", byName(aligned), matched);
        Side in = new Side("the SFT model", byName(other), otherMatched);
        find(of, in, true);
        find(in, of, false);
    }

    private record Side(String name, Map<String, TensorInfo> tensors, Set<String> matched) {}

    /**
     * Matches the tensors of two models.
     *
     * @param other the SFT model, or one in its place
     */
    public static TensorLayouts of(ModelHeader other, ModelHeader aligned) {
        return new TensorLayouts(other, aligned);
    }

    /** What is to be said of a pair whose layouts differ; empty where they do not. */
    public static Optional<String> note(ModelHeader sft, ModelHeader aligned) {
        TensorLayouts layouts = of(sft, aligned);
        if (layouts.strips.isEmpty()) {
            return Optional.empty();
        }
        Map.Entry<String, List<Strip>> first =
                layouts.strips.entrySet().iterator().next();
        List<String> sources = first.getValue().stream()
                .map(strip -> strip.tensor().name())
                .distinct()
                .toList();
        return Optional.of("the SFT model has another layout of the same weights ("
                + Words.plural(layouts.strips.size(), "tensor") + "; " + Escape.text(first.getKey()) + " is "
                + Names.list(sources) + " there); the result has the aligned model's");
    }

    private static Map<String, TensorInfo> byName(ModelHeader model) {
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        model.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        return tensors;
    }

    private void find(Side joinedSide, Side partSide, boolean isAlignedJoined) {
        for (TensorInfo tensor : joinedSide.tensors.values()) {
            TensorInfo same = partSide.tensors.get(tensor.name());
            if (same == null || !same.shape().equals(tensor.shape())) {
                find(tensor, joinedSide, partSide, isAlignedJoined);
            }
        }
    }

    private void find(TensorInfo tensor, Side joinedSide, Side partSide, boolean isAlignedJoined) {
        for (TensorLayout layout : TensorLayout.ALL) {
            Matcher name = layout.joined().matcher(tensor.name());
            if (!joinedSide.matched.contains(tensor.name()) && name.matches()) {
                match(layout, new Joined(name.toMatchResult(), tensor), joinedSide, partSide, isAlignedJoined);
            }
        }
    }

    private void match(TensorLayout layout, Joined found, Side joinedSide, Side partSide, boolean isAlignedJoined) {
        TensorInfo joined = found.tensor();
        List<TensorInfo> parts = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        Iterator<String> names = layout.parts().apply(found).iterator();
        while (names.hasNext() && missing.size() < MAX_NAMED) {
            String name = names.next();
            TensorInfo part = partSide.tensors.get(name);
            if (part == null) {
                missing.add(name);
            } else if (joinedSide.tensors.containsKey(name) && !name.equals(joined.name())) {
                return; // has both, so that it is no other layout
            } else {
                parts.add(part);
            }
        }
        boolean isThere = parts.stream().anyMatch(part -> !part.name().equals(joined.name()));
        if (!isThere || parts.stream().anyMatch(part -> partSide.matched.contains(part.name()))) {
            return;
        }
        joinedSide.matched.add(joined.name());
        parts.forEach(part -> partSide.matched.add(part.name()));
        List<Piece> pieces = missing.isEmpty()
                ? layout.cut().pieces(joined, parts, isAlignedJoined ? metadata : otherMetadata)
                : List.of();
        Optional<String> obstacle = missing.isEmpty()
                ? obstacle(joined, parts, pieces)
                : Optional.of("but " + partSide.name + " has no " + Names.list(missing));
        if (obstacle.isPresent()) {
            String kind = layout.joined() + obstacle.get().replaceAll("\\d+", "");
            obstacles
                    .computeIfAbsent(kind, _ -> new ArrayList<>())
                    .add(words(joined) + " of " + joinedSide.name + " is "
                            + String.join(
                                    ", ",
                                    parts.stream()
                                            .limit(MAX_NAMED)
                                            .map(TensorLayouts::words)
                                            .toList())
                            + " in " + partSide.name + ", " + obstacle.get());
        } else {
            pieces.forEach(piece -> add(piece, joined, parts, isAlignedJoined));
        }
    }

    private void add(Piece piece, TensorInfo joined, List<TensorInfo> parts, boolean isAlignedJoined) {
        TensorInfo part = parts.get(piece.part());
        if (piece.isTransposed()) {
            latentHeads.add(LatentHeads.of(part, parts.get(1)));
        }
        strips.computeIfAbsent(isAlignedJoined ? joined.name() : part.name(), _ -> new ArrayList<>())
                .add(
                        isAlignedJoined
                                ? new Strip(part, piece.inJoined(), piece.inPart(), piece.isTransposed())
                                : new Strip(joined, piece.inPart(), piece.inJoined(), piece.isTransposed()));
    }

    private static Optional<String> obstacle(TensorInfo joined, List<TensorInfo> parts, List<Piece> pieces) {
        if (pieces.isEmpty()) {
            return Optional.of("but their shapes do not fit together");
        }
        List<TensorInfo> all = new ArrayList<>(parts);
        all.add(joined);
        if (all.stream().anyMatch(tensor -> tensor.type().isInteger())) {
            return Optional.of("but integers cannot be extrapolated");
        }
        if (TensorLayout.rowLength(joined) == 1
                && all.stream().anyMatch(tensor -> tensor.type().blockSize() > 1)) {
            return Optional.of("but a quantized bias cannot be cut");
        }
        boolean isTooLarge = pieces.stream()
                .anyMatch(piece -> piece.isTransposed()
                        && piece.inPart().rows()
                                > MAX_TRANSPOSED_ELEMENTS / piece.inJoined().rows());
        return isTooLarge
                ? Optional.of("but a matrix of more than " + MAX_TRANSPOSED_ELEMENTS + " elements is not transposed")
                : Optional.empty();
    }

    private static String words(TensorInfo tensor) {
        return Escape.text(tensor.name()) + " (" + tensor.type() + " " + tensor.shape() + ")";
    }

    /** Names of a model's tensors that may hold, in another layout, the weights of one that it does not have. */
    public static List<String> inPlaceOf(String missing, Set<String> names) {
        for (TensorLayout layout : TensorLayout.ALL) {
            List<String> parts = parts(layout, missing);
            if (!parts.isEmpty() && names.containsAll(parts)) {
                return parts;
            }
        }
        return names.stream()
                .filter(name -> TensorLayout.ALL.stream()
                        .anyMatch(layout -> parts(layout, name).contains(missing)))
                .filter(name -> !name.equals(missing))
                .toList();
    }

    /** Of layouts with a tensor for each expert, those of the first. */
    private static List<String> parts(TensorLayout layout, String joined) {
        Matcher name = layout.joined().matcher(joined);
        return name.matches()
                ? layout.parts()
                        .apply(new Joined(name.toMatchResult(), new TensorInfo(joined, GgmlType.F32, new Shape(1), 0)))
                        .toList()
                : List.of();
    }

    /** Whether the other model has a tensor in another layout, usable or not. */
    public boolean isRelaid(TensorInfo aligned) {
        return matched.contains(aligned.name());
    }

    /** What a tensor consists of in the other model; empty if there is an obstacle. */
    public Optional<List<Strip>> strips(TensorInfo aligned) {
        return Optional.ofNullable(strips.get(aligned.name()));
    }

    /** The tensors of the SFT model that are in the same layout in both, or in one only. */
    List<TensorInfo> unmatchedSft(List<TensorInfo> tensors) {
        return tensors.stream()
                .filter(tensor -> !otherMatched.contains(tensor.name()))
                .toList();
    }

    /** The same of the aligned model. */
    List<TensorInfo> unmatchedAligned(List<TensorInfo> tensors) {
        return tensors.stream()
                .filter(tensor -> !matched.contains(tensor.name()))
                .toList();
    }

    /** Keys of hyper-parameters whose values differ with the layout, and only so. */
    Set<String> consistentKeys() {
        return latentHeads.size() == 1
                ? latentHeads.iterator().next().consistentKeys(otherMetadata, metadata)
                : Set.of();
    }

    /** What keeps layouts from being matched, a line for each kind of obstacle. */
    List<String> obstacles() {
        return obstacles.values().stream()
                .map(cases -> "another layout: " + cases.getFirst()
                        + (cases.size() > 1 ? "; the same with " + (cases.size() - 1) + " more" : ""))
                .toList();
    }
}
