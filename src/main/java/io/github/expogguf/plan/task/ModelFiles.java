package io.github.expogguf.plan.task;

import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Objects;

/**
 * One model as the planner sees it.
 *
 * @param header its header, over all shards
 * @param files  names of its files without directories, in the order of the shards; at least one
 */
public record ModelFiles(ModelHeader header, List<String> files) {

    /** Copies the list. */
    public ModelFiles {
        Objects.requireNonNull(header, "header");
        files = Elements.copy(files, "files");
        if (files.isEmpty()) {
            throw new IllegalArgumentException("a model without files");
        }
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
