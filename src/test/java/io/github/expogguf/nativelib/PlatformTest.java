package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {

    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, linux-x64",
        "Linux, aarch64, linux-arm64",
        "Mac OS X, x86_64, mac-x64",
        "Mac OS X, aarch64, mac-arm64",
        "Windows 11, amd64, win-x64",
        "Windows Server 2022, aarch64, win-arm64",
        "Linux, riscv64, linux-riscv64",
        "FreeBSD, amd64, freebsd-x64",
    })
    void isNamedAfterSystemAndProcessor(String osName, String osArch, String id) {
        assertThat(Platform.of(osName, osArch).id()).isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource({
        "Linux, ggml-base, libggml-base.so",
        "Linux, ggml-base, libggml-base.so.0",
        "Linux, ggml, libggml.v0.4.0.so",
        "Linux, ggml, libggml.so.0.23.0",
        "Linux, llama, libllama.so",
        "Mac OS X, ggml, libggml.metal.v0.4.0.dylib",
        "Mac OS X, llama, libllama.0.0.1.dylib",
        "Windows 10, ggml-base, ggml-base.dll",
        "Windows 10, llama, llama.v0.4.0.dll",
    })
    void knowsTheNamesOfEveryKindOfBuild(String osName, String library, String file) {
        assertThat(file).matches(Platform.of(osName, "amd64").fileName(library));
    }

    @ParameterizedTest
    @CsvSource({
        "Linux, ggml, libggml-base.so",
        "Linux, ggml, libggml-cpu-x64.so",
        "Linux, llama, libllama-common.so",
        "Linux, llama, libllama.so.bak",
        "Linux, llama, llama.dll",
        "Windows 10, ggml, ggml-cpu.dll",
        "Mac OS X, ggml, libggml-metal.so",
    })
    void takesNoOtherLibraryForIt(String osName, String library, String file) {
        assertThat(file).doesNotMatch(Platform.of(osName, "amd64").fileName(library));
    }

    @Test
    void theHostHasItsLibrariesInTheBuild() {
        assertThat(getClass().getResource("/native/" + Platform.host().id() + "/files.txt"))
                .isNotNull();
    }
}
