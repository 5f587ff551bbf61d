package io.github.expogguf.nativelib;

import io.github.expogguf.gguf.GgmlType;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the quantizers of the loaded libraries do differently from those of another supported version.
 *
 * @param otherGgml ggml of the other version
 * @param ggml      ggml of the loaded libraries
 * @param types     types that the two quantize to different bytes
 */
public record QuantizerChange(String otherGgml, String ggml, Set<GgmlType> types) {

    /** Copies the set. */
    public QuantizerChange {
        types = types.isEmpty() ? Set.of() : EnumSet.copyOf(types);
    }

    /**
     * Compared with a version that a file names.
     *
     * @param release as {@link NativeLibrary#release} says it
     * @return empty if it is none of the supported versions
     */
    public static Optional<QuantizerChange> since(String release) {
        return between(SupportedVersions.all(), release, NativeLibrary.inUse());
    }

    static Optional<QuantizerChange> between(List<LlamaVersion> supported, String release, LlamaVersion now) {
        for (int other = 0; other < supported.size(); other++) {
            if (release.equals("v" + supported.get(other).llamaCpp())) {
                int current = supported.indexOf(now);
                Set<String> changed = supported.subList(Math.min(current, other), Math.max(current, other)).stream()
                        .flatMap(version -> version.changedQuantizers().stream())
                        .collect(Collectors.toSet());
                Set<GgmlType> types = Arrays.stream(GgmlType.values())
                        .filter(type -> changed.contains(type.ggmlName()))
                        .collect(Collectors.toSet());
                return Optional.of(new QuantizerChange(supported.get(other).ggml(), now.ggml(), types));
            }
        }
        return Optional.empty();
    }

    /** As in {@code made with ggml 0.23.0, whose IQ1_M search differs from this 0.25.1's}. */
    public String describe(GgmlType type) {
        return "made with ggml " + otherGgml + ", whose " + type + " search differs from this " + ggml + "'s";
    }
}
