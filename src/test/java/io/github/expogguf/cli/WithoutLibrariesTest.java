package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The command where there are no libraries of llama.cpp at all, as in a jar without {@code native/}. */
class WithoutLibrariesTest {

    private static final String SFT = "--sft=" + DemoFiles.SFT.toAbsolutePath().toString();
    private static final String ALIGNED =
            "--aligned=" + DemoFiles.ALIGNED.toAbsolutePath().toString();

    @TempDir
    static Path jars;

    private static String classPath;

    @TempDir
    Path directory;

    /** The class path of this JVM, with a jar of the classes alone in the place of what holds the libraries. */
    @BeforeAll
    static void hideLibraries() throws IOException {
        classPath = JarredClassPath.make(jars, List.of("io"));
    }

    private ChildJvm run(String... arguments) throws IOException, InterruptedException {
        return ChildJvm.runIn(directory, Map.of(), List.of("-cp", classPath), Main.class, arguments);
    }

    private static void assertDone(ChildJvm run) {
        assertThat(run.exitCode()).as(run.lastWords()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void extrapolatesTheTypesOfJavaToTheSameBytes(FileType type) throws Exception {
        PlanOptions options = PlanOptions.builder().alpha(0.5f).fileType(type).build();
        Path expected = directory.resolve("expected.gguf");
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            pair.write(options, expected, OutputOptions.defaults());
        }

        assertDone(run("extrapolate", SFT, ALIGNED, "--alpha", "0.5", "--type", type.name(), "-o", "out.gguf"));
        assertThat(directory.resolve("out.gguf")).hasSameBinaryContentAs(expected);

        ChildJvm verified = run("verify", "out.gguf", SFT, ALIGNED);
        assertDone(verified);
        assertThat(verified.output())
                .contains("ggml's reader: not checked, needs llama.cpp's libraries, and there are none")
                .contains("recomputation: ok");
    }

    @Test
    void looksAtModelsAndPairs() throws Exception {
        assertDone(run("inspect", DemoFiles.ALIGNED.toAbsolutePath().toString()));
        assertDone(run("plan", SFT, ALIGNED, "--type", "Q4_K_M"));
        ChildJvm compared = run("compare", SFT, ALIGNED);
        assertDone(compared);
        assertThat(compared.output()).contains("guide-dpo-20-f16.gguf");
        assertDone(run("export-lora", SFT, ALIGNED, "--rank", "2", "-o", "lora.gguf"));
    }

    @Test
    void namesTheTypeThatNeedsThemAndWhereTheyComeFrom() throws Exception {
        ChildJvm refused = run("extrapolate", SFT, ALIGNED, "--type", "Q4_K_M", "-o", "out.gguf");
        assertThat(refused.exitCode()).isEqualTo(6);
        assertThat(refused.errors())
                .contains("unlike F32, F16 and BF16, needs llama.cpp's libraries; ")
                .contains("artifact of the classifier natives-");
        assertThat(directory.resolve("out.gguf")).doesNotExist();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }
}
