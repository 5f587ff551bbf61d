package io.github.expogguf.nativelib;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModels;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryCheckTest {

    @TempDir
    Path directory;

    private static final List<TypeTraits> TABLE = SupportedVersions.pinned().types();

    private static List<String> typeDifferences(int changed, TypeTraits other) {
        return LibraryCheck.typeDifferences(TABLE, id -> id == changed ? other : TABLE.get(id));
    }

    @Test
    void theTypeTableIsTheOneOfTheLibrary() {
        NativeLibrary.load();
        assertThat(LibraryCheck.typeDifferences(NativeLibrary.inUse().types(), TypeTraits::ofLibrary))
                .isEmpty();
    }

    @Test
    void theTypeTableOfEveryVersionIsOurs() {
        assertThat(TABLE).hasSize(Llama.GGML_TYPE_COUNT());
        for (LlamaVersion version : SupportedVersions.all()) {
            assertThat(LibraryCheck.typeDifferences(
                            version.types(),
                            id -> GgmlType.byId(id).map(TypeTraits::of).orElse(TypeTraits.REMOVED)))
                    .as(version.llamaCpp())
                    .isEmpty();
        }
    }

    @Test
    void theLimitsAreThoseOfTheHeaders() throws Exception {
        assertThat(Shape.MAX_DIMENSIONS).isEqualTo(Llama.GGML_MAX_DIMS());
        assertThat(GgufLimits.MAX_TENSOR_NAME_BYTES).isEqualTo(Llama.GGML_MAX_NAME() - 1);
        ByteBuffer written = ByteBuffer.wrap(Files.readAllBytes(TinyModels.llama(TinyModels.Sizes.of(1, 64, 96, 2, 2))
                        .write(directory.resolve("written.gguf"), TensorValues.random(1))))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(written.getInt(Integer.BYTES)).isEqualTo(Llama.GGUF_VERSION());
    }

    @Test
    void everyVersionHasEveryTypeOfOurs() {
        for (LlamaVersion version : SupportedVersions.all()) {
            assertThat(GgmlType.values())
                    .as(version.llamaCpp())
                    .allMatch(type -> type.id() < version.types().size());
        }
    }

    @Test
    void everyKindOfDifferenceIsNamed() {
        TypeTraits other = new TypeTraits("q4_K", 256, 148, true);
        assertThat(typeDifferences(12, other))
                .containsExactly("type 12 is TypeTraits[name=q4_K, blockSize=256, blockBytes=148, quantized=true],"
                        + " expected TypeTraits[name=q4_K, blockSize=256, blockBytes=144, quantized=true]");
        assertThat(typeDifferences(4, other)).singleElement().asString().endsWith("expected a removed type");
        assertThat(typeDifferences(12, TypeTraits.REMOVED)).hasSize(1);
    }

    /** Every structure of the bindings, found by their files. */
    private static List<GroupLayout> layouts() throws Exception {
        List<GroupLayout> layouts = new ArrayList<>();
        try (Stream<String> lines = Files.lines(Path.of("bindings/includes.txt"))) {
            for (String line :
                    lines.filter(each -> each.startsWith("--include-struct ")).toList()) {
                Class<?> struct = Class.forName("io.github.expogguf.bindings." + line.split(" ")[1]);
                layouts.add((GroupLayout) struct.getMethod("layout").invoke(null));
            }
        }
        return layouts;
    }

    @Test
    void theStructuresOfEveryVersionAreThoseOfTheBindings() throws Exception {
        assertThat(layouts()).hasSizeGreaterThan(10);
        for (LlamaVersion version : SupportedVersions.all()) {
            assertThat(LibraryCheck.structDifferences(version, layouts()))
                    .as(version.llamaCpp())
                    .isEmpty();
        }
    }

    @Test
    void anotherStructureIsNamed() {
        GroupLayout other = MemoryLayout.structLayout(
                        ADDRESS.withName("role"), ADDRESS.withName("content"), ADDRESS.withName("name"))
                .withName("llama_chat_message");
        assertThat(LibraryCheck.structDifferences(SupportedVersions.pinned(), List.of(other)))
                .singleElement()
                .asString()
                .startsWith(
                        "llama_chat_message of llama.cpp " + PinnedVersion.LLAMA_CPP + " is StructFields[bytes=16, ")
                .contains("the bindings have StructFields[bytes=24, ");
    }

    @Test
    void anotherVersionIsRefusedAndTheAcceptedOnesNamed() {
        LlamaVersion pinned = version("0.5.0", "0.25.1");
        LlamaVersion older = version("0.4.0", "0.23.0");
        List<LlamaVersion> supported = List.of(pinned, older);
        assertThat(LibraryCheck.ggmlDifferences(supported, "0.24.0"))
                .containsExactly("this is ggml 0.24.0, expo-gguf needs ggml 0.25.1 or 0.23.0");
        assertThat(LibraryCheck.ggmlDifferences(supported, "0.23.01")).hasSize(1);
        assertThat(LibraryCheck.ggmlDifferences(supported, "0.23.0")).isEmpty();
        assertThat(LibraryCheck.ggmlDifferences(supported, "0.25.1")).isEmpty();
        assertThat(LibraryCheck.llamaDifferences(List.of(older), "0.4.0-dev")).isEmpty();
        assertThat(LibraryCheck.llamaDifferences(List.of(older), "0.5.0-dev"))
                .containsExactly("this is llama.cpp 0.5.0-dev, expo-gguf needs llama.cpp 0.4.0 with ggml 0.23.0");
    }

    private static LlamaVersion version(String llamaCpp, String ggml) {
        return new LlamaVersion(llamaCpp, ggml, "", List.of());
    }
}
