package io.github.expogguf.gguf;

import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Objects;

/**
 * What the header of a model says, over all of its shards: enough to pair and to plan, without any data.
 *
 * @param name     file name, for messages; of models that are opened together and have files of one name with the
 *                 folders that tell them apart
 * @param metadata key/value pairs of the (first) file
 * @param tensors  every tensor, in the order of the file or files
 */
public record ModelHeader(String name, Metadata metadata, List<TensorInfo> tensors) {

    /** Copies the list. */
    public ModelHeader {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(metadata, "metadata");
        tensors = Elements.copy(tensors, "tensors");
    }
}
