package io.github.expogguf.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.GgmlType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowCodecsTest {

    @ParameterizedTest
    @EnumSource
    @Tag("native")
    void hasACodecForEveryTypeOfWeights(GgmlType type) {
        if (WeightTypes.isSupported(type)) {
            assertThat(RowCodecs.of(type).type()).isEqualTo(type);
            assertThat(RowCodecs.of(type)).isSameAs(RowCodecs.of(type));
        } else {
            assertThatThrownBy(() -> RowCodecs.of(type))
                    .isInstanceOf(UnsupportedTypeException.class)
                    .hasMessageStartingWith(type.name());
        }
    }

    /** What the test below runs in a JVM of its own. */
    static final class FloatTypesOnly {
        private FloatTypesOnly() {}

        public static void main(String[] arguments) {
            for (GgmlType type : List.of(GgmlType.F32, GgmlType.F16, GgmlType.BF16)) {
                RowCodec codec = RowCodecs.of(type);
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment floats = arena.allocate(8 * Float.BYTES, Float.BYTES);
                    MemorySegment packed = arena.allocate(type.rowBytes(8));
                    codec.quantize(8, 1, floats, MemorySegment.NULL, packed);
                    codec.dequantize(8, 1, packed, floats);
                }
                System.out.println(codec.type());
            }
        }
    }

    @Test
    void floatTypesNeedNoNativeLibrary(@TempDir Path empty) throws IOException, InterruptedException {
        // started in an empty directory without native access, a JVM could neither find nor load one
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--illegal-native-access=deny",
                        "-Xlog:class+load:file=loaded.txt",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FloatTypesOnly.class.getName())
                .directory(empty.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(java.getInputStream().readAllBytes());
        assertThat(java.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output.lines()).containsExactly("F32", "F16", "BF16");
        assertThat(java.exitValue()).isZero();
        assertThat(empty.resolve("loaded.txt"))
                .content()
                .contains("io.github.expogguf.simd.ScalarFloatKernels")
                .doesNotContain("nativelib", "bindings", "jdk.incubator.vector");
    }
}
