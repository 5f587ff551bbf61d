package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.expogguf.ComputeBackend;
import io.github.expogguf.ComputeDevice;
import io.github.expogguf.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {

    @TempDir
    private Path directory;

    private static Path bundled() {
        return NativeLibrary.load().directory();
    }

    @Test
    void loadsTheBundledLibrariesOnce() {
        NativeLibrary library = NativeLibrary.load();
        assertThat(library).isSameAs(NativeLibrary.load()).isSameAs(NativeLibrary.load("here", library.directory()));
        LlamaVersion version = NativeLibrary.inUse();
        assertThat(SupportedVersions.all()).contains(version);
        assertThat(library.ggmlVersion()).isEqualTo(version.ggml());
        assertThat(library.llamaVersion()).startsWith(version.llamaCpp());
        assertThat(NativeLibrary.release()).isEqualTo("v" + version.llamaCpp());
        assertThat(library.origin()).startsWith("bundled with expo-gguf, from ");
    }

    @Test
    void refusesASecondDirectory() {
        NativeLibrary.load();
        assertThatThrownBy(() -> NativeLibrary.load("here", directory))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("llama.cpp is loaded from %s already and cannot be loaded from %s", bundled(), directory);
    }

    @Test
    void startsABackendForThisProcessor() {
        List<ComputeBackend> backends = NativeLibrary.load().startBackends();
        assertThat(backends).anyMatch(backend -> backend.name().equals("cpu") && backend.loaded());
        assertThat(NativeLibrary.load().startBackends()).isSameAs(backends);
        assertThat(NativeLibrary.load().devices()).anySatisfy(device -> {
            assertThat(device.name()).isEqualTo("CPU");
            assertThat(device.kind()).isEqualTo(ComputeDevice.Kind.CPU);
            assertThat(device.isGpu()).isFalse();
            assertThat(device.totalBytes()).isGreaterThanOrEqualTo(device.freeBytes());
        });
    }

    @Test
    void takesTheVariantThatSuitsThisProcessorBest() throws Exception {
        Path chosen = Path.of(NativeLibrary.load().startBackends().stream()
                .filter(backend -> backend.name().equals("cpu"))
                .findFirst()
                .orElseThrow()
                .file()
                .orElseThrow());
        assertThat(chosen).hasParent(bundled());
        List<BackendFiles> there = BackendFiles.find(List.of(bundled()));
        assertThat(there).extracting(BackendFiles::name).containsExactly("cpu");
        assertThat(there.getFirst().files()).contains(chosen).hasSizeGreaterThan(1);
    }

    @Test
    void ggmlsOrderAmongBackendsIsKept() throws Exception {
        for (String name : List.of("cpu-x64", "vulkan", "cuda", "opencl", "base", "zzz", "vulkan.txt")) {
            Files.createFile(directory.resolve("libggml-" + name + ".so"));
        }
        assertThat(BackendFiles.find(List.of(directory)))
                .extracting(BackendFiles::name)
                .containsExactly("cuda", "vulkan", "opencl", "cpu", "zzz");
    }

    @Test
    void aBackendThatCannotBeLoadedIsNamedInTheLoadersWordsAndDisturbsNobody() throws Exception {
        assumeTrue(Platform.host().isLinux(), "the words are those of glibc");
        Path copy = linkedCopy();
        Files.writeString(copy.resolve("libggml-vulkan.so"), "not a library");
        ChildJvm jvm = ChildJvm.run(Map.of(), List.of(), BackendsProbe.class, copy.toString());
        assertThat(jvm.output())
                .contains("vulkan: not loaded: " + copy + "/libggml-vulkan.so: file too short\ncpu: loaded\n")
                .contains("CPU: ");
        assertThat(jvm.errors()).contains("INFO: backend vulkan: not loaded: ");
    }

    @Test
    void aBackendWithAnArtifactOfItsOwnIsFoundBesideTheBundledLibraries() throws Exception {
        assumeTrue(Platform.host().isLinux(), "the words are those of glibc");
        Path bundle = Files.createDirectories(
                directory.resolve("native/" + Platform.host().id() + "-vulkan"));
        Path library = Files.writeString(bundle.resolve("libggml-vulkan.so"), "not a library");
        Files.writeString(bundle.resolve("files.txt"), "# test\n# llama.cpp v" + PinnedVersion.LLAMA_CPP + "\n");
        String classPath = System.getProperty("java.class.path") + File.pathSeparator + directory;
        ChildJvm jvm = ChildJvm.run(Map.of(), List.of("-cp", classPath), BackendsProbe.class);
        assertThat(jvm.output()).startsWith("vulkan: not loaded: " + library + ": file too short\ncpu: loaded\n");
        ChildJvm named = ChildJvm.run(
                Map.of(),
                List.of("-cp", classPath),
                BackendsProbe.class,
                bundled().toString());
        assertThat(named.output()).startsWith("cpu: loaded\n");
    }

    @Test
    void loadsFromANamedDirectoryAndSaysSo() throws Exception {
        Path copy = linkedCopy();
        ChildJvm environment = ChildJvm.run(Map.of("LLAMA_CPP_LIB_PATH", copy.toString()), List.of(), LoadProbe.class);
        assertThat(environment.output()).startsWith("environment variable LLAMA_CPP_LIB_PATH\n" + copy + "\n[CPU: ");
        ChildJvm property = ChildJvm.run(
                Map.of("EXPO_GGUF_LIB_PATH", "/nonexistent"), List.of("-Dexpo.gguf.lib.path=" + copy), LoadProbe.class);
        assertThat(property.output()).startsWith("system property expo.gguf.lib.path\n");
        assertThat(property.errors()).isEmpty();
    }

    @Test
    void aNamedDirectoryThatDoesNotWorkIsAnErrorAndStaysOne() throws Exception {
        ChildJvm jvm = ChildJvm.run(Map.of("EXPO_GGUF_LIB_PATH", directory.toString()), List.of(), LoadProbe.class);
        assertThat(jvm.output())
                .contains("EXPO_GGUF_LIB_PATH=" + directory + ": no ggml-base library for ")
                .contains("bundled with expo-gguf: not tried")
                .endsWith("again: true\n");
    }

    @Test
    void aFileThatIsNoLibraryIsReportedInTheLoadersWords() throws Exception {
        for (Path library : List.of(
                LibraryFiles.find(bundled(), Platform.host()).base(),
                LibraryFiles.find(bundled(), Platform.host()).ggml(),
                LibraryFiles.find(bundled(), Platform.host()).llama())) {
            Files.writeString(directory.resolve(library.getFileName()), "not a library");
        }
        ChildJvm jvm = ChildJvm.run(Map.of(), List.of(), LoadProbe.class, directory.toString());
        assertThat(jvm.output()).contains("here=" + directory + ": " + directory);
    }

    @Test
    void aLibraryOfAnotherVersionIsRefusedWithBothNamed() throws Exception {
        compile("ggml-base", "const char * ggml_version(void) { return \"0.99.1\"; }");
        compile("ggml", "");
        compile("llama", "");
        ChildJvm jvm = ChildJvm.run(Map.of(), List.of(), LoadProbe.class, directory.toString());
        assertThat(jvm.output()).contains("this is ggml 0.99.1, expo-gguf needs ggml " + PinnedVersion.GGML + " or ");
    }

    @Test
    void aLibraryThatTellsNoVersionIsRefused() throws Exception {
        compile("ggml-base", "");
        compile("ggml", "");
        compile("llama", "");
        ChildJvm jvm = ChildJvm.run(Map.of(), List.of(), LoadProbe.class, directory.toString());
        assertThat(jvm.output())
                .contains("this is ggml of an unknown older version, expo-gguf needs ggml " + PinnedVersion.GGML);
    }

    private Path linkedCopy() throws IOException {
        Path copy = Files.createDirectory(directory.resolve("copy"));
        try (var files = Files.list(bundled())) {
            for (Path file : files.toList()) {
                Files.createLink(copy.resolve(file.getFileName()), file);
            }
        }
        return copy;
    }

    private void compile(String library, String source) throws IOException, InterruptedException {
        assumeTrue(!Platform.host().isWindows(), "no cc");
        Path code = Files.writeString(directory.resolve(library + ".c"), source);
        String name = "lib" + library + (Platform.host().isMac() ? ".dylib" : ".so");
        try {
            String target = directory.resolve(name).toString();
            Process compiler = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", target, code.toString())
                    .inheritIO()
                    .start();
            assertThat(compiler.waitFor()).isZero();
        } catch (IOException e) {
            assumeTrue(false, "no cc on the PATH to make another library with");
        }
    }
}
