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

    /**
     * {@return name of the tensor that an element comes from}
     *
     * @param element counted from 0, in the order of the GGUF
     */
    public String source(long element) {
        long left = element;
        for (Part part : parts) {
            left -= part.view().elementCount();
            if (left < 0) {
                return part.source();
            }
        }
        throw new IndexOutOfBoundsException("element " + element + " of " + elementCount());
    }

    /** {@return number of elements} */
    public long elementCount() {
        return parts.stream().mapToLong(part -> part.view().elementCount()).reduce(0, Math::addExact);
    }
}
