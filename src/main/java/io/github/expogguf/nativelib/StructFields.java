package io.github.expogguf.nativelib;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a structure of C lies in memory.
 *
 * @param bytes   its size
 * @param offsets where each field begins, by name, in bytes; the members of a union without a name count as fields
 */
record StructFields(long bytes, Map<String, Long> offsets) {

    StructFields {
        offsets = Map.copyOf(offsets);
    }

    /** From the words of versions.txt: bytes, then {@code field=offset} for each field. */
    static StructFields parse(List<String> words) {
        Map<String, Long> offsets = new HashMap<>();
        for (String field : words.subList(1, words.size())) {
            int equals = field.indexOf('=');
            offsets.put(field.substring(0, equals), Long.parseLong(field.substring(equals + 1)));
        }
        return new StructFields(Long.parseLong(words.getFirst()), offsets);
    }

    static StructFields of(GroupLayout layout) {
        Map<String, Long> offsets = new HashMap<>();
        addFields(layout, 0, offsets);
        return new StructFields(layout.byteSize(), offsets);
    }

    private static void addFields(GroupLayout layout, long start, Map<String, Long> offsets) {
        long offset = start;
        for (MemoryLayout member : layout.memberLayouts()) {
            if (member instanceof GroupLayout union) {
                addFields(union, offset, offsets);
            } else if (member.name().isPresent()) { // padding has none
                offsets.put(member.name().get(), offset);
            }
            offset += layout instanceof StructLayout ? member.byteSize() : 0;
        }
    }
}
