package io.github.expogguf.plan.task;

import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One model as the planner sees it.
 *
 * @param header      its header, over all shards
 * @param files       names of its files without directories, in the order of the shards; at least one
 * @param conversions by the name of a tensor a digest of how its values follow from those in the files; of GGUF files,
 *                    which have them as they are, none
 */
public record ModelFiles(ModelHeader header, List<String> files, Map<String, String> conversions) {

    /** Copies the list and the map. */
    public ModelFiles {
        Objects.requireNonNull(header, "header");
        files = Elements.copy(files, "files");
        if (files.isEmpty()) {
            throw new IllegalArgumentException("a model without files");
        }
        conversions = Elements.copy(conversions, "conversions");
    }

    /**
     * A model in GGUF files.
     *
     * @param header its header, over all shards
     * @param files  names of its files without directories, in the order of the shards; at least one
     */
    public ModelFiles(ModelHeader header, List<String> files) {
        this(header, files, Map.of());
    }

    /**
     * {@return a model in the one file that its header is named after}
     *
     * @param header of the one file
     */
    public static ModelFiles of(ModelHeader header) {
        Objects.requireNonNull(header, "header");
        return new ModelFiles(header, List.of(header.name()));
    }
}
