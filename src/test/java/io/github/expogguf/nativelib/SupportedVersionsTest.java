package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.gguf.GgmlType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SupportedVersionsTest {

    private static final List<LlamaVersion> THREE = SupportedVersions.parse(List.of(
            "# a comment",
            "version 0.6.0 0.30.0 cafe",
            "changed q4_K",
            "version 0.5.0 0.25.1 beef",
            "changed iq1_m iq1_s",
            "version 0.4.0 0.23.0 babe",
            "types 3",
            "type 0 f32 1 4 plain",
            "type 2 q4_0 32 18 quantized",
            "struct pair 16 first=0 second=8"));

    @Test
    void theVersionsAreThoseOfPinnedTxt() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("native/pinned.txt"))) {
            assertThat(lines.filter(line -> line.startsWith("version ")).map(line -> line.replaceAll(" +", " ")))
                    .isEqualTo(SupportedVersions.all().stream()
                            .map(version ->
                                    "version v" + version.llamaCpp() + " " + version.ggml() + " " + version.commit())
                            .toList());
        }
    }

    @Test
    void theTypesAreCountedByThePinnedVersion() {
        assertThat(GgmlType.GGML_VERSION).isEqualTo(PinnedVersion.GGML);
    }

    @Test
    void everyLineIsRead() {
        LlamaVersion oldest = THREE.getLast();
        assertThat(List.of(oldest.llamaCpp(), oldest.ggml(), oldest.commit()))
                .containsExactly("0.4.0", "0.23.0", "babe");
        assertThat(oldest.types()).hasSize(3);
        assertThat(oldest.types().get(1).isRemoved()).isTrue();
        assertThat(oldest.types().get(2)).isEqualTo(new TypeTraits("q4_0", 32, 18, true));
        assertThat(oldest.struct("pair")).isEqualTo(new StructFields(16, Map.of("first", 0L, "second", 8L)));
        assertThatThrownBy(() -> oldest.struct("triple")).hasMessage("versions.txt: no struct triple of 0.4.0");
    }

    @Test
    void whatChangedAddsUpBetweenVersionsInEitherDirection() {
        assertThat(changed("v0.4.0", 0)).isEqualTo(Set.of(GgmlType.Q4_K, GgmlType.IQ1_M, GgmlType.IQ1_S));
        assertThat(changed("v0.6.0", 2)).isEqualTo(changed("v0.4.0", 0));
        assertThat(changed("v0.5.0", 0)).isEqualTo(Set.of(GgmlType.Q4_K));
        assertThat(changed("v0.5.0", 1)).isEmpty();
        assertThat(QuantizerChange.between(THREE, "v0.3.0", THREE.getFirst())).isEmpty();
        assertThat(QuantizerChange.between(THREE, "v0.4.0", THREE.get(1))
                        .orElseThrow()
                        .describe(GgmlType.IQ1_M))
                .isEqualTo("made with ggml 0.23.0, whose IQ1_M search differs from this 0.25.1's");
    }

    private static Set<GgmlType> changed(String release, int now) {
        return QuantizerChange.between(THREE, release, THREE.get(now))
                .orElseThrow()
                .types();
    }
}
