package io.github.expogguf.convert.gather;

import java.util.List;

/**
 * The elements of a tensor of a GGUF, in its own order: one part after the other.
 *
 * @param parts where they come from
 */
public record Gathering(List<Part> parts) {

    /** Copies the list. */
    public Gathering {
        parts = List.copyOf(parts);
    }

    /** {@return number of elements} */
    public long elementCount() {
        return parts.stream().mapToLong(part -> part.view().elementCount()).reduce(0, Math::addExact);
    }
}
