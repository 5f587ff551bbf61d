package io.github.expogguf.convert.gather;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.safetensors.Checkpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranges of rearranged elements beside a loop over the same view. */
class GatheredElementsTest {

    private static final int ROUNDS = 400;

    @TempDir
    private Path directory;

    /** Values are their own numbers, so that what is read says where it came from. */
    private Path file(String type, long... shape) throws IOException {
        int count = 1;
        List<Long> sizes = new ArrayList<>();
        for (long size : shape) {
            count *= (int) size;
            sizes.add(size);
        }
        int width = type.equals("F32") ? Float.BYTES : Short.BYTES;
        String header = "{\"w\":{\"dtype\":\"" + type + "\",\"shape\":" + sizes + ",\"data_offsets\":[0,"
                + count * width + "]}}";
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + header.length() + count * width)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < count; i++) {
            if (width == Float.BYTES) {
                bytes.putFloat(i);
            } else {
                bytes.putShort((short) i);
            }
        }
        return Files.write(directory.resolve(type + ".safetensors"), bytes.array());
    }

    @Test
    void rangesOfAnyViewAreThatOfTheLoop() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        try (Checkpoint floats = Checkpoint.open(file("F32", 12, 30, 8));
                Checkpoint shorts = Checkpoint.open(file("F16", 12, 30, 8));
                Arena arena = Arena.ofConfined()) {
            for (int round = 0; round < ROUNDS; round++) {
                View view = view(random);
                List<Long> order = new ArrayList<>();
                list(view, 0, view.offset(), order);
                Gathering gathering = new Gathering(
                        List.of(new Part("w", view, List.of()), new Part("w", View.of(12, 30, 8), List.of())));
                int all = order.size() + 12 * 30 * 8;
                for (int i = 0; order.size() < all; i++) {
                    order.add((long) i);
                }
                int first = random.nextInt(all);
                int count = 1 + random.nextInt(all - first);
                MemorySegment f32 = arena.allocate(4L * count, 4);
                MemorySegment f16 = arena.allocate(2L * count, 4);
                new GatheredElements(floats).read(gathering, first, count, GgmlType.F32, f32);
                new GatheredElements(shorts).read(gathering, first, count, GgmlType.F16, f16);
                for (int i = 0; i < count; i++) {
                    long expected = order.get(first + i);
                    assertThat((long) f32.getAtIndex(ValueLayout.JAVA_FLOAT, i)).isEqualTo(expected);
                    assertThat((long) f16.getAtIndex(ValueLayout.JAVA_SHORT, i)).isEqualTo(expected);
                }
            }
        }
    }

    /** What is far apart is read in pieces, of which none is larger than what is asked for needs. */
    @Test
    void largeTransposedMatricesAreReadInPieces() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file("F32", 3000, 900));
                Arena arena = Arena.ofConfined()) {
            View transposed = View.of(3000, 900).swap(0, 1);
            Gathering gathering = new Gathering(List.of(new Part("w", transposed, List.of())));
            MemorySegment rows = arena.allocate(4L * 7 * 3000, 4);
            new GatheredElements(checkpoint).read(gathering, 3000L * 5, 3000L * 7, GgmlType.F32, rows);
            for (int row = 0; row < 7; row++) {
                for (int column = 0; column < 3000; column++) {
                    assertThat(rows.getAtIndex(ValueLayout.JAVA_FLOAT, row * 3000L + column))
                            .isEqualTo(column * 900 + row + 5);
                }
            }
        }
    }

    private static View view(SplittableRandom random) {
        View view = View.of(12, 30, 8);
        for (int step = 0; step < 1 + random.nextInt(4); step++) {
            int axis = random.nextInt(view.sizes().size());
            long size = view.sizes().get(axis);
            switch (random.nextInt(3)) {
                case 0 -> {
                    long part = size % 3 == 0 ? 3 : size % 2 == 0 ? 2 : 1;
                    view = view.split(axis, List.of(part, size / part));
                }
                case 1 -> view = view.swap(axis, random.nextInt(view.sizes().size()));
                default -> {
                    long from = random.nextLong(size);
                    long to = from + 1 + random.nextLong(size - from);
                    view = view.take(axis, from, to, 1 + random.nextLong(3));
                }
            }
        }
        return view;
    }

    private static void list(View view, int axis, long at, List<Long> order) {
        if (axis == view.sizes().size()) {
            order.add(at);
            return;
        }
        for (long i = 0; i < view.sizes().get(axis); i++) {
            list(view, axis + 1, at + i * view.strides().get(axis), order);
        }
    }
}
