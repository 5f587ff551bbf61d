package io.github.expogguf.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Files that the library of the format wrote (safetensors/make.py), and what PyTorch says of their values. */
class SafetensorsTypesTest {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static Checkpoint open(String name) throws Exception {
        return Checkpoint.open(Path.of("src", "test", "resources", "safetensors", name));
    }

    private static MemorySegment read(Checkpoint checkpoint, String name, Arena arena) throws Exception {
        SafetensorsTensor tensor = checkpoint.tensors().get(name);
        MemorySegment target = arena.allocate(tensor.bytes());
        checkpoint.read(tensor, 0, target);
        return target;
    }

    @Test
    void decodesEveryFloatOfEightBitsAsPyTorchDoes() throws Exception {
        try (Checkpoint checkpoint = open("float8.safetensors");
                Arena arena = Arena.ofConfined()) {
            for (String name : List.of("e4m3", "e5m2")) {
                MemorySegment packed = read(checkpoint, name, arena);
                MemorySegment values = read(checkpoint, name + ".value", arena);
                for (int i = 0; i < 256; i++) {
                    byte bits = packed.get(ValueLayout.JAVA_BYTE, i);
                    float value = name.equals("e4m3") ? Float8.e4m3(bits) : Float8.e5m2(bits);
                    assertThat(Float.floatToIntBits(value))
                            .as("%s %s", name, i)
                            .isEqualTo(Float.floatToIntBits(values.getAtIndex(FLOAT, i)));
                }
            }
            assertThat(checkpoint.files().getFirst().metadata()).containsEntry("format", "pt");
            assertThat(checkpoint.tensors().get("e4m3").type()).isEqualTo(SafetensorsType.F8_E4M3);
            assertThat(checkpoint.tensors().get("e5m2").type()).isEqualTo(SafetensorsType.F8_E5M2);
        }
    }

    @Test
    void readsHalves() throws Exception {
        try (Checkpoint checkpoint = open("halves.safetensors");
                Arena arena = Arena.ofConfined()) {
            for (SafetensorsType type : List.of(SafetensorsType.F16, SafetensorsType.BF16)) {
                String name = type == SafetensorsType.F16 ? "f16" : "bf16";
                assertThat(checkpoint.tensors().get(name).type()).isEqualTo(type);
                MemorySegment packed = read(checkpoint, name, arena);
                MemorySegment values = read(checkpoint, name + ".value", arena);
                for (int i = 0; i < checkpoint.tensors().get(name).elementCount(); i++) {
                    short bits = packed.getAtIndex(SHORT, i);
                    float value = type == SafetensorsType.F16
                            ? Float.float16ToFloat(bits)
                            : Float.intBitsToFloat(bits << Short.SIZE);
                    assertThat(Float.floatToIntBits(value))
                            .as("%s %s", name, i)
                            .isEqualTo(Float.floatToIntBits(values.getAtIndex(FLOAT, i)));
                }
            }
        }
    }

    @Test
    void knowsEveryTypeThatPyTorchWrites() throws Exception {
        try (Checkpoint checkpoint = open("types.safetensors")) {
            assertThat(checkpoint.tensors().values().stream()
                            .map(SafetensorsTensor::type)
                            .collect(Collectors.toSet()))
                    .isEqualTo(EnumSet.complementOf(
                            EnumSet.of(SafetensorsType.F6_E2M3, SafetensorsType.F6_E3M2))); // PyTorch has none
            assertThat(checkpoint.tensors().get("number").shape()).isEmpty();
            assertThat(checkpoint.tensors().get("number").elementCount()).isEqualTo(1);
            assertThat(checkpoint.tensors().get("none").elementCount()).isZero();
            assertThat(checkpoint.tensors()).containsKey("Größe\nzwei");
            assertThat(checkpoint.files().getFirst().metadata()).containsEntry("größe", "zwei");
        }
    }
}
