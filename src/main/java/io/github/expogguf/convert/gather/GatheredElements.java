package io.github.expogguf.convert.gather;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.safetensors.SafetensorsType;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads elements of a checkpoint in the order in which a GGUF has them. Any thread may call. */
public final class GatheredElements {

    private static final long READ_BYTES = 1 << 20; // at once, where what is wanted does not stand together
    private static final long SPARSE = 4; // times what is wanted is worth reading for one read instead of many

    private final Checkpoint checkpoint;
    private final Scales scales;

    /** Of an open checkpoint. */
    public GatheredElements(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
        this.scales = new Scales(checkpoint);
    }

    /**
     * The type in which the elements lose nothing: as they are stored, or F32 where something is computed.
     *
     * @return F32, F16 or BF16
     */
    public GgmlType type(Gathering gathering) {
        List<SafetensorsType> types = gathering.parts().stream()
                .map(part -> part.functions().isEmpty() ? weights(part).type() : SafetensorsType.F32)
                .distinct()
                .toList();
        return types.size() == 1 ? same(types.getFirst()) : GgmlType.F32;
    }

    private static GgmlType same(SafetensorsType type) {
        return switch (type) {
            case F16 -> GgmlType.F16;
            case BF16 -> GgmlType.BF16;
            default -> GgmlType.F32;
        };
    }

    /** Which of the checkpoint's files the elements and their scales are in. */
    public List<Integer> files(Gathering gathering) {
        return gathering.parts().stream()
                .flatMap(part -> Stream.concat(Stream.of(weights(part).tensor()), weights(part).scale().stream()))
                .map(SafetensorsTensor::file)
                .distinct()
                .toList();
    }

    /** What is done with what is in those files: the same text gives the same elements of the same files. */
    public String description(Gathering gathering) {
        return gathering.parts().stream().map(this::description).collect(Collectors.joining("\n"));
    }

    private String description(Part part) {
        String scale = weights(part)
                .scale()
                .map(tensor -> Escape.quote(tensor.name()) + scales.blocks())
                .orElse("");
        return Escape.quote(part.source()) + part.view() + part.functions() + scale;
    }

    private StoredWeights weights(Part part) {
        return StoredWeights.of(checkpoint, part.source()).orElseThrow();
    }

    /**
     * Reads part of the data of a tensor.
     *
     * @param gathering  what the tensor is made of
     * @param byteOffset first byte, counted from the start of the tensor's data
     */
    public void read(Gathering gathering, TensorInfo tensor, long byteOffset, MemorySegment target) throws IOException {
        requireWithin(tensor, byteOffset, target);
        int bytes = tensor.type().blockBytes();
        read(gathering, byteOffset / bytes, target.byteSize() / bytes, tensor.type(), target);
    }

    /**
     * For what is to be read of a tensor.
     *
     * @throws IndexOutOfBoundsException if it is not all of the tensor
     * @throws IllegalArgumentException  if it is no whole values
     */
    public static void requireWithin(TensorInfo tensor, long byteOffset, MemorySegment target) {
        if (byteOffset < 0 || byteOffset > tensor.byteCount() - target.byteSize()) {
            throw new IndexOutOfBoundsException("tensor " + Escape.quote(tensor.name()) + ": " + target.byteSize()
                    + " bytes at " + byteOffset + " of " + tensor.byteCount());
        }
        int bytes = tensor.type().blockBytes();
        if (byteOffset % bytes != 0 || target.byteSize() % bytes != 0) {
            throw new IllegalArgumentException("tensor " + Escape.quote(tensor.name()) + ": " + target.byteSize()
                    + " bytes at " + byteOffset + ", expected whole values of " + tensor.type());
        }
    }

    /**
     * Reads some of the elements.
     *
     * @param first  of them, counted in the order of the gathering
     * @param count  how many
     * @param type   F32, or what {@link #type} gives
     * @param target as many elements of that type, fully overwritten
     */
    public void read(Gathering gathering, long first, long count, GgmlType type, MemorySegment target)
            throws IOException {
        long before = 0;
        for (Part part : gathering.parts()) {
            long elements = part.view().elementCount();
            long from = Math.clamp(first - before, 0, elements);
            long end = Math.clamp(first + count - before, 0, elements);
            if (from < end) {
                long at = (before + from - first) * type.blockBytes();
                read(part, from, end, type, target.asSlice(at, (end - from) * type.blockBytes()));
            }
            before += elements;
        }
    }

    private void read(Part part, long from, long end, GgmlType type, MemorySegment target) throws IOException {
        StoredWeights weights = weights(part);
        List<ElementBox> boxes = new ArrayList<>();
        ElementBox.forEach(part.view(), from, end, boxes::add);
        boolean isCopy = part.functions().isEmpty() && isStoredAs(weights, type);
        for (ElementBox box : boxes) {
            read(part, weights, box, isCopy, target);
        }
    }

    private static boolean isStoredAs(StoredWeights weights, GgmlType type) {
        return weights.type().name().equals(type.name());
    }

    private void read(Part part, StoredWeights weights, ElementBox box, boolean isCopy, MemorySegment target)
            throws IOException {
        long bits = weights.type().bits();
        long elementBytes = bits / Byte.SIZE; // 0 for those of four bits, which are no copies
        long span = box.span();
        boolean isSparse = span > SPARSE * box.elementCount();
        if (isCopy && box.isRun()) {
            checkpoint.read(
                    weights.tensor(),
                    box.from() * elementBytes,
                    target.asSlice(box.to() * elementBytes, span * elementBytes));
        } else if (span > 1 && (span * bits > READ_BYTES * Byte.SIZE || isSparse)) {
            for (ElementBox each : box.split(isSparse ? 1 : READ_BYTES * Byte.SIZE / bits)) {
                read(part, weights, each, isCopy, target);
            }
        } else {
            long firstByte = box.from() * bits / Byte.SIZE;
            long before = box.from() - firstByte * Byte.SIZE / bits; // of the first byte that are not wanted
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment stored = arena.allocate(Math.ceilDiv((before + span) * bits, Byte.SIZE));
                checkpoint.read(weights.tensor(), firstByte, stored);
                if (isCopy) {
                    box.forEachRun((from, to, count, step, stride) ->
                            copy(elementBytes, stored, from, to, count, step, stride, target));
                } else {
                    Scales.Scale scale = scales.of(weights, box.from(), span);
                    box.forEachRun((from, to, count, step, stride) -> {
                        long end = 0; // of those that share a factor
                        float factor = 1;
                        for (long i = 0; i < count; i++) {
                            long at = from + i * step;
                            if (box.from() + at >= end) {
                                factor = scale.at(box.from() + at);
                                end = scale.end(box.from() + at);
                            }
                            float value = StoredFloats.decode(weights.type(), stored, before + at) * factor;
                            target.setAtIndex(JAVA_FLOAT_UNALIGNED, to + i * stride, part.apply(value));
                        }
                    });
                }
            }
        }
    }

    private static void copy(
            long bytes,
            MemorySegment stored,
            long from,
            long to,
            long count,
            long step,
            long stride,
            MemorySegment target) {
        if (step == 1 && stride == 1) {
            MemorySegment.copy(stored, from * bytes, target, to * bytes, count * bytes);
        } else if (bytes == Short.BYTES) {
            for (long i = 0; i < count; i++) {
                target.setAtIndex(
                        JAVA_SHORT_UNALIGNED,
                        to + i * stride,
                        stored.getAtIndex(JAVA_SHORT_UNALIGNED, from + i * step));
            }
        } else {
            for (long i = 0; i < count; i++) {
                target.setAtIndex(
                        JAVA_INT_UNALIGNED, to + i * stride, stored.getAtIndex(JAVA_INT_UNALIGNED, from + i * step));
            }
        }
    }

    /** Where the bytes are as they are wanted: all of one tensor in its own order and type. */
    public boolean isStored(Gathering gathering, GgmlType type) {
        if (gathering.parts().size() != 1) {
            return false;
        }
        Part part = gathering.parts().getFirst();
        StoredWeights weights = weights(part);
        List<ElementBox> boxes = new ArrayList<>();
        ElementBox.forEach(part.view(), 0, part.view().elementCount(), boxes::add);
        return part.functions().isEmpty()
                && isStoredAs(weights, type)
                && boxes.size() == 1
                && boxes.getFirst().isRun()
                && boxes.getFirst().from() == 0
                && boxes.getFirst().elementCount() == weights.elementCount();
    }
}
