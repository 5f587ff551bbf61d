package io.github.expogguf.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.ComputeBackend;
import io.github.expogguf.ComputeDevice;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class LlamaRuntimeTest {

    @Test
    void saysWhatWasLoadedAndFromWhere() {
        LlamaRuntime runtime = LlamaRuntime.load();
        assertThat(runtime.directory()).matches(Files::isDirectory);
        assertThat(runtime.origin()).isNotEmpty();
        assertThat(runtime)
                .hasToString("llama.cpp " + runtime.llamaVersion() + " with ggml " + runtime.ggmlVersion() + " in "
                        + runtime.directory());
    }

    @Test
    void namesTheProcessorAmongItsDevicesAndWhyABackendWasNotLoaded() {
        LlamaRuntime runtime = LlamaRuntime.load();
        assertThat(runtime.devices()).extracting(ComputeDevice::kind).contains(ComputeDevice.Kind.CPU);
        assertThat(runtime.backends()).anyMatch(ComputeBackend::loaded).allSatisfy(backend -> {
            assertThat(backend.loaded() && backend.devices() > 0
                            || backend.reason().isPresent())
                    .as(backend.toString())
                    .isTrue();
        });
    }
}
