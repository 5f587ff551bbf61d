package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.start.ExpoGguf;
import io.github.expogguf.testing.ChildJvm;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.JarredClassPath;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command where there are no libraries of llama.cpp at all, as in a jar without {@code native/}. */
class WithoutLibrariesTest {

    private static final String SFT = "--sft=" + DemoFiles.SFT.toAbsolutePath().toString();
    private static final String ALIGNED =
            "--aligned=" + DemoFiles.ALIGNED.toAbsolutePath().toString();

    private static final String DENIED = "this Java was told to deny native access (--illegal-native-access=deny);"
            + " start it with --enable-native-access=ALL-UNNAMED";
    private static final String READER = "ggml's reader: not checked, needs llama.cpp's libraries, which are not there";

    @TempDir
    private static Path jars;

    @TempDir
    private static Path directory;

    private static CommandProcess without;
    private static CommandProcess denied;

    /** With the class path of this JVM, and a jar of the classes alone in the place of what holds the libraries. */
    @BeforeAll
    static void start() throws IOException {
        String classPath = JarredClassPath.make(jars, List.of("io"));
        without = CommandProcess.start(directory, "-cp", classPath);
        denied = CommandProcess.start(directory, "-cp", classPath, ChildJvm.DENY);
    }

    @AfterAll
    static void end() throws IOException {
        without.close();
        denied.close();
    }

    @AfterEach
    void empty() throws IOException {
        without.emptyDirectory();
    }

    private static CommandProcess process(boolean isDenied) {
        return isDenied ? denied : without;
    }

    private static Ran assertDone(Ran ran) {
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return ran;
    }

    private static void assertDone(ChildJvm run) {
        assertThat(run.exitCode()).as(run.lastWords()).isZero();
    }

    @ParameterizedTest(name = "{0}, native access denied: {1}")
    @CsvSource({"F32, false", "F16, false", "BF16, false", "BF16, true"})
    void extrapolatesTheTypesOfJavaToTheSameBytes(FileType type, boolean isDenied) throws IOException {
        PlanOptions plan = PlanOptions.builder().alpha(0.5f).fileType(type).build();
        Path expected = directory.resolve("expected.gguf");
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            pair.write(plan, expected, OutputOptions.defaults());
        }

        CommandProcess process = process(isDenied);
        assertDone(process.run("extrapolate", SFT, ALIGNED, "--alpha", "0.5", "--type", type.name(), "-o", "out.gguf"));
        assertThat(directory.resolve("out.gguf")).hasSameBinaryContentAs(expected);

        Ran verified = assertDone(process.run("verify", "out.gguf", SFT, ALIGNED));
        assertThat(verified.out()).contains(READER).contains("recomputation: ok");
    }

    @ParameterizedTest(name = "native access denied: {0}")
    @ValueSource(booleans = {false, true})
    void looksAtModelsAndPairs(boolean isDenied) throws IOException {
        CommandProcess process = process(isDenied);
        assertDone(process.run("inspect", DemoFiles.ALIGNED.toAbsolutePath()));
        assertDone(process.run("plan", SFT, ALIGNED, "--type", "Q4_K_M"));
        Ran compared = assertDone(process.run("compare", SFT, ALIGNED));
        assertThat(compared.out()).contains("guide-dpo-20-f16.gguf");
        assertDone(process.run("export-lora", SFT, ALIGNED, "--rank", "2", "-o", "lora.gguf"));
    }

    @Test
    void doctorSaysWhatFilesAreAndThatThereAreNone() throws IOException {
        Ran looked = without.run("doctor", DemoFiles.SFT.toAbsolutePath());
        assertThat(looked.exitCode()).isEqualTo(6);
        assertThat(looked.out())
                .contains("libraries  none: ")
                .contains("  GGUF model: llama, 2.03 million weights, F16, 4.08 MB");
    }

    /** A process whose libraries are there, but which may not load them, for each command. */
    private static ChildJvm runDenied(String... arguments) throws IOException, InterruptedException {
        return ChildJvm.runIn(directory, Map.of(), List.of(ChildJvm.DENY), Main.class, arguments);
    }

    @Test
    void needsNoLibrariesThatAreThereButDenied() throws Exception {
        String note = "expo-gguf: note: llama.cpp's libraries are not used: " + DENIED + "\n";
        ChildJvm extrapolated =
                runDenied("extrapolate", SFT, ALIGNED, "--alpha", "0.5", "--type", "F16", "-o", "out.gguf");
        assertDone(extrapolated);
        assertThat(extrapolated.errors()).containsOnlyOnce(note).containsOnlyOnce("not used");
        ChildJvm verified = runDenied("verify", "out.gguf", SFT, ALIGNED);
        assertDone(verified);
        assertThat(verified.errors()).isEqualTo(note);
        assertThat(verified.output()).contains(READER).contains("recomputation: ok");

        ChildJvm refused = runDenied("extrapolate", SFT, ALIGNED, "--type", "Q8_0", "-o", "other.gguf");
        assertThat(refused.exitCode()).isEqualTo(6);
        assertThat(refused.errors())
                .endsWith("expo-gguf: error: Q8_0, unlike F32, F16 and BF16, needs llama.cpp's libraries; " + DENIED
                        + "\n");
        ChildJvm named = runDenied("verify", "out.gguf", "--lib-path", directory.toString());
        assertThat(named.exitCode()).isEqualTo(6);
        assertThat(named.errors()).isEqualTo("expo-gguf: error: " + DENIED + "\n"); // as they are asked for
    }

    /** What the test below runs in a JVM of its own. */
    static final class TwoOutputs {
        private TwoOutputs() {}

        public static void main(String[] files) throws IOException {
            for (String output : List.of("first.gguf", "second.gguf")) {
                ExpoGguf.extrapolate(Path.of(files[0]), Path.of(files[1])).write(Path.of(output));
            }
        }
    }

    @Test
    void logsOnceThatTheyAreDenied() throws Exception {
        ChildJvm jvm = ChildJvm.runIn(
                directory,
                Map.of(),
                List.of(ChildJvm.DENY),
                TwoOutputs.class,
                DemoFiles.SFT.toAbsolutePath().toString(),
                DemoFiles.ALIGNED.toAbsolutePath().toString());
        assertDone(jvm);
        assertThat(jvm.errors()).containsOnlyOnce("INFO: llama.cpp's libraries are not used: " + DENIED);
        assertThat(directory.resolve("second.gguf")).exists();
    }

    @ParameterizedTest(name = "native access denied: {0}")
    @ValueSource(booleans = {false, true})
    void namesTheTypeThatNeedsThemAndWhereTheyComeFrom(boolean isDenied) throws IOException {
        Ran refused = process(isDenied).run("extrapolate", SFT, ALIGNED, "--type", "Q4_K_M", "-o", "out.gguf");
        assertThat(refused.exitCode()).isEqualTo(6);
        assertThat(refused.err())
                .contains("unlike F32, F16 and BF16, needs llama.cpp's libraries; ")
                .contains("artifact of the classifier natives-");
        assertThat(directory.resolve("out.gguf")).doesNotExist();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }
}
