package io.github.expogguf.run;

import io.github.expogguf.text.Elements;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What one output took from an output of an earlier run.
 *
 * @param file     the earlier output, as it was named
 * @param tensors  tensors that were copied from it
 * @param bytes    their bytes
 * @param computed names of the tensors that were computed instead, by cause; all if there is a refusal
 * @param refusal  why nothing could be taken at all
 */
public record Reused(Path file, int tensors, long bytes, Map<Cause, List<String>> computed, Optional<String> refusal) {

    /** Why a tensor was computed. */
    public enum Cause {
        /** The earlier output does not have it, in this shape. */
        MISSING,
        /** It has another type there. */
        TYPE,
        /** Other adapters change it there, or the same with another weight, or none does. */
        ADAPTERS,
        /** It comes from other files there, or from other tensors of them. */
        INPUTS,
        /** It has another alpha there, rank, or step that is predicted, or another weight of a further difference. */
        ALPHA,
        /** It is rounded in another way there. */
        ROUNDING,
        /** It was quantized with other importances there, or with or without any. */
        IMPORTANCE,
        /** Its bytes there are not those that were written. */
        DAMAGED,
        /** Nothing could be taken at all. */
        REFUSED
    }

    /** Copies the map. */
    public Reused {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(refusal, "refusal");
        Elements.require(computed, "computed");
        Map<Cause, List<String>> copy = new EnumMap<>(Cause.class);
        computed.forEach((cause, names) -> copy.put(cause, Elements.copy(names, "computed")));
        computed = Collections.unmodifiableMap(copy);
    }
}
