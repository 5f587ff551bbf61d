package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.nativelib.LibraryCheck.TypeTraits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LibraryCheckTest {

    private static TypeTraits table(int id) {
        return GgmlType.byId(id).map(TypeTraits::expected).orElse(new TypeTraits("", 0, 0, false));
    }

    @Test
    void theTypeTableIsTheOneOfTheLibrary() {
        NativeLibrary.load();
        assertThat(LibraryCheck.typeDifferences(Llama.GGML_TYPE_COUNT(), TypeTraits::ofLibrary)).isEmpty();
    }

    @Test
    void theTypeTableHasEveryTypeOfTheLibrary() {
        assertThat(GgmlType.values()).allMatch(type -> type.id() < Llama.GGML_TYPE_COUNT());
    }

    @Test
    void everyKindOfDifferenceIsNamed() {
        assertThat(LibraryCheck.typeDifferences(43, LibraryCheckTest::table)).isEmpty();
        TypeTraits other = new TypeTraits("q4_K", 256, 148, true);
        assertThat(LibraryCheck.typeDifferences(43, id -> id == 12 ? other : table(id)))
                .containsExactly("type 12 is TypeTraits[name=q4_K, blockSize=256, blockBytes=148, quantized=true],"
                        + " expected TypeTraits[name=q4_K, blockSize=256, blockBytes=144, quantized=true]");
        assertThat(LibraryCheck.typeDifferences(43, id -> id == 4 ? other : table(id)))
                .singleElement().asString().endsWith("expected a removed type");
        assertThat(LibraryCheck.typeDifferences(44, id -> id == 43 ? other : table(id))).hasSize(1);
    }

    @Test
    void anotherVersionIsRefusedWithBothNamed() {
        assertThat(LibraryCheck.versionDifferences("ggml", "0.23.0", "0.24.0"))
                .containsExactly("this is ggml 0.24.0, expo-gguf needs ggml 0.23.0");
        assertThat(LibraryCheck.versionDifferences("ggml", "0.23.0", "0.23.01")).hasSize(1);
        assertThat(LibraryCheck.versionDifferences("ggml", "0.23.0", "0.23.0")).isEmpty();
        assertThat(LibraryCheck.versionDifferences("llama.cpp", "0.4.0", "0.4.0-dev")).isEmpty();
    }

    @Test
    void theVersionsAreThePinnedOnes() throws IOException {
        assertThat(Files.readAllLines(Path.of("native/pinned.txt")))
                .contains("llama.cpp  v" + PinnedVersion.LLAMA_CPP, "ggml       " + PinnedVersion.GGML);
    }
}
