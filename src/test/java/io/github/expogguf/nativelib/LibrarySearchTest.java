package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.nativelib.LibrarySearch.Place;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LibrarySearchTest {

    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();

    private LibrarySearch search(String given) {
        return new LibrarySearch(
                given == null ? null : new Place("--lib-path", given), properties::get, environment::get);
    }

    @Test
    void goesFromTheExplicitDirectoryOverPropertyAndEnvironmentToTheBundledLibraries() {
        assertThat(search(null).chosen().name()).isEqualTo("bundled with expo-gguf");
        environment.put("LLAMA_CPP_LIB_PATH", "/llama");
        assertThat(search(null).chosen().directory()).isEqualTo(Path.of("/llama"));
        environment.put("EXPO_GGUF_LIB_PATH", "/expo");
        assertThat(search(null).chosen().directory()).isEqualTo(Path.of("/expo"));
        properties.put("expo.gguf.lib.path", "/property");
        assertThat(search(null).chosen().directory()).isEqualTo(Path.of("/property"));
        assertThat(search("/explicit").chosen().directory()).isEqualTo(Path.of("/explicit"));
    }

    @Test
    void whereTheCallerCannotNameOneTheListBeginsWithTheProperty() {
        assertThat(search(null).report(Platform.of("Linux", "amd64"), "", "no"))
                .contains("looked for in this order:\n  system property ");
    }

    @Test
    void anEmptyVariableNamesNothing() {
        environment.put("EXPO_GGUF_LIB_PATH", " ");
        assertThat(search(null).chosen().isNamed()).isFalse();
    }

    @Test
    void aFailureListsEveryPlaceInOrderAndWhatCameOfIt() {
        environment.put("EXPO_GGUF_LIB_PATH", "/expo");
        environment.put("LLAMA_CPP_LIB_PATH", "/llama");
        assertThat(search("").report(Platform.of("Linux", "amd64"), "Linux 6.1 amd64", "/expo does not exist"))
                .isEqualTo("""
                        no usable llama.cpp libraries for linux-x64 (Linux 6.1 amd64), looked for in this order:
                          --lib-path: not set
                          system property expo.gguf.lib.path: not set
                          environment variable EXPO_GGUF_LIB_PATH=/expo: /expo does not exist
                          environment variable LLAMA_CPP_LIB_PATH=/llama: not tried, because environment variable \
                        EXPO_GGUF_LIB_PATH is set
                          bundled with expo-gguf: not tried, because environment variable EXPO_GGUF_LIB_PATH is set
                        the bundled libraries need glibc 2.34 and the libstdc++ of GCC 11, or newer; elsewhere build \
                        llama.cpp v%s (make native-source) and name its directory""".formatted(PinnedVersion.LLAMA_CPP));
    }
}
