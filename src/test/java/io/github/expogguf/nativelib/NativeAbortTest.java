package io.github.expogguf.nativelib;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.Main;
import io.github.expogguf.launch.Launcher;
import io.github.expogguf.testing.ChildJvm;
import io.github.expogguf.testing.TrustFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real aborts of ggml in processes of their own, with debuggers on the PATH that leave a mark when they are started.
 */
@Tag("trust")
@EnabledOnOs(OS.LINUX)
class NativeAbortTest {

    private static final Path DEMO = Path.of(System.getProperty("expo.gguf.demo.directory", "src/demo"));
    private static final int CALLS_BEFORE = 20;
    private static final String ROWS_OF_A_TENSOR =
            "guide-dpo-20-f16.gguf: tensor '[a-z0-9._]+', rows \\d+ to \\d+, to Q4_K";

    @TempDir
    private static Path shared;

    private static Path library;
    private static int aborts;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeTheLibrary() throws Exception {
        library = FailingLibrary.make(shared.resolve("libraries"));
    }

    @AfterAll
    static void print() {
        TrustFigures.print(
                "native aborts that ended in one line, exit code 70, no debugger, no file left",
                Integer.toString(aborts));
    }

    @Test
    void anAssertionInTheCommandEndsInOneLineThatNamesTheTensor() throws Exception {
        ChildJvm jvm = extrapolate("assertion", Main.class);
        assertEndedInOneLine(
                jvm,
                "expo-gguf: error: " + ROWS_OF_A_TENSOR
                        + ": llama.cpp gave up: ggml-quants.c:4711: GGML_ASSERT\\(besti >= 0\\) failed\n");
    }

    @Test
    void theLauncherPassesTheExitCodeOn() throws Exception {
        ChildJvm jvm = extrapolate("assertion", Launcher.class);
        assertEndedInOneLine(jvm, "expo-gguf: error: " + ROWS_OF_A_TENSOR + ": llama.cpp gave up: .*GGML_ASSERT.*\n");
    }

    @Test
    void aCppExceptionThatNobodyCatchesEndsInTheSameWay() throws Exception {
        ChildJvm jvm = extrapolate("exception", Main.class);
        assertEndedInOneLine(
                jvm,
                "expo-gguf: error: " + ROWS_OF_A_TENSOR
                        + ": llama.cpp gave up: uncaught C\\+\\+ exception St9bad_alloc\n");
    }

    @Test
    void anAssertionOnAThreadOfNativeCodeNamesWhatAllOthersAreAt() throws Exception {
        ChildJvm jvm = extrapolate("thread", Main.class);
        assertEndedInOneLine(
                jvm,
                "expo-gguf: error: " + ROWS_OF_A_TENSOR + "(; " + ROWS_OF_A_TENSOR + ")*: llama.cpp gave up: "
                        + "ggml-quants.c:4711: GGML_ASSERT\\(on a thread of its own\\) failed\n");
    }

    @Test
    void aQuantizerThatWritesAnotherSizeIsAnOrdinaryFailure() throws Exception {
        ChildJvm jvm = extrapolate("size", Main.class);
        assertThat(jvm.errors()).startsWith("expo-gguf: error: ggml wrote 1 bytes of Q4_K, expected ");
        assertThat(jvm.exitCode()).isEqualTo(1);
        assertNothingLeft();
    }

    @Test
    void withoutTheProtectionADebuggerIsStarted() throws Exception {
        ChildJvm jvm = run(
                Map.of(),
                AbortProbe.class,
                "unprotected",
                NativeLibrary.load().directory().toString());
        assertThat(jvm.exitCode()).isEqualTo(128 + 6); // SIGABRT
        assertThat(directory.resolve("debugger-was-here")).exists();
    }

    /** As an application declines them: in RuntimeOptions, or by system properties. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatLoadingChangesForTheProcessCanBeDeclined(boolean inOptions) throws Exception {
        Path kept = Files.createFile(directory.resolve("kept"));
        String how = inOptions ? "declined" : "default";
        List<String> handlers = inOptions ? List.of() : List.of("-Dexpo.gguf.crash.handlers=false");
        assertAborted(run(handlers, AbortProbe.class, kept.toString(), how));
        assertThat(directory.resolve("debugger-was-here")).doesNotExist();

        List<String> both =
                inOptions ? List.of() : List.of("-Dexpo.gguf.crash.handlers=false", "-Dexpo.gguf.backtraces=true");
        assertAborted(run(both, AbortProbe.class, kept.toString(), how, "backtraces"));
        assertThat(directory.resolve("debugger-was-here")).exists();
        assertThat(kept).exists();
    }

    /** By ggml itself, with nothing cleaned up. */
    private static void assertAborted(ChildJvm jvm) {
        assertThat(jvm.exitCode()).isEqualTo(128 + 6); // SIGABRT
        assertThat(jvm.errors()).doesNotContain("gave up");
    }

    @Test
    void cleanupsRunEvenIfOneOfThemFails() throws Exception {
        Path temporary = Files.createFile(directory.resolve("half-written.gguf"));
        ChildJvm jvm = run(Map.of(), AbortProbe.class, temporary.toString(), "default");
        assertEndedInOneLine(jvm, "expo-gguf: error: a probe: llama.cpp gave up: .*GGML_ASSERT\\(.*\n");
    }

    private ChildJvm extrapolate(String failure, Class<?> main) throws IOException, InterruptedException {
        Map<String, String> environment = Map.of(
                "EXPO_GGUF_LIB_PATH", library.toString(),
                "FAILING_GGML", failure,
                "FAILING_GGML_CALL", Integer.toString(CALLS_BEFORE));
        return run(
                environment,
                main,
                "extrapolate",
                "--sft",
                DEMO.resolve("guide-sft-f16.gguf").toString(),
                "--aligned",
                DEMO.resolve("guide-dpo-20-f16.gguf").toString(),
                "--alpha",
                "0.3",
                "--type",
                "Q4_K_M",
                "-o",
                directory.resolve("output.gguf").toString());
    }

    private ChildJvm run(Map<String, String> environment, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        return run(environment, List.of(), main, arguments);
    }

    private ChildJvm run(List<String> options, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        return run(Map.of(), options, main, arguments);
    }

    private ChildJvm run(Map<String, String> environment, List<String> options, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        Path debuggers = Files.createDirectories(directory.resolve("bin"));
        for (String name : List.of("gdb", "lldb")) {
            Path debugger = Files.writeString(
                    debuggers.resolve(name), "#!/bin/sh\n: > '" + directory.resolve("debugger-was-here") + "'\n");
            assertThat(debugger.toFile().setExecutable(true)).isTrue();
        }
        Map<String, String> all = new HashMap<>(environment);
        all.put("PATH", debuggers + ":" + System.getenv("PATH"));
        all.put("GGML_NO_BACKTRACE", null); // the tests themselves run with it
        return ChildJvm.run(all, options, main, arguments);
    }

    private void assertEndedInOneLine(ChildJvm jvm, String line) throws IOException {
        assertThat(jvm.errors()).matches(line).hasLineCount(1);
        assertThat(jvm.output()).isEmpty();
        assertThat(jvm.exitCode()).isEqualTo(NativeAbort.EXIT_CODE);
        assertNothingLeft();
        aborts++;
    }

    private void assertNothingLeft() throws IOException {
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(directory.resolve("bin"));
        }
    }
}
