package io.github.expogguf.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.testing.ChildJvm;
import io.github.expogguf.testing.TrustFigures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an application can do wrong with the library, in processes of their own, because some of it used to end them.
 */
@Tag("trust")
class EmbeddingTest {

    private static final Path DEMO = Path.of(System.getProperty("expo.gguf.demo.directory", "src/demo"));

    private static final int SOAK_RUNS = 200;

    @TempDir
    private Path directory;

    @Test
    void everyPublicMemberSurvivesNullsExtremesForeignMemoryAndClosedObjects() throws Exception {
        ChildJvm jvm = run(ApiProbe.class, List.of("-Xmx512m"));
        assertThat(jvm.output()).doesNotContain("surprise:");
        Matcher summary =
                Pattern.compile("members (\\d+), calls (\\d+), refusals (\\d+)").matcher(jvm.output());
        assertThat(summary.find()).as(jvm.lastWords()).isTrue();
        TrustFigures.print("public methods and constructors tried with wrong arguments", summary.group(1));
        TrustFigures.print("calls of these, each ending in a result or a documented exception", summary.group(2));
    }

    @Test
    void noUseOfModelsAndContextsTakesTheProcessDown() throws Exception {
        ChildJvm jvm = run(MisuseProbe.class, List.of("-Xmx512m"));
        assertThat(jvm.output()).doesNotContain("surprise:");
        Matcher summary = Pattern.compile("acts (\\d+)").matcher(jvm.output());
        assertThat(summary.find()).as(jvm.lastWords()).isTrue();
        TrustFigures.print("misuses of models, contexts and weights, also by four threads at once", summary.group(1));
    }

    @Test
    void aHeapWithoutRoomIsAnErrorAndAllWorksAfterwards() throws Exception {
        ChildJvm jvm = run(SmallHeapProbe.class, List.of("-Xmx32m"));
        Matcher summary =
                Pattern.compile("out of memory (\\d+), results (\\d+)").matcher(jvm.output());
        assertThat(summary.find()).as(jvm.lastWords()).isTrue();
        assertThat(Integer.parseInt(summary.group(1))).isPositive();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve("small-heap.gguf"));
        }
        TrustFigures.print("uses that ran out of heap, and worked again with room", summary.group(1));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void twoHundredExtrapolationsLeaveNoMemoryFileOrThread() throws Exception {
        ChildJvm jvm = ChildJvm.run(
                Map.of(),
                List.of("-Xmx128m", "-XX:NativeMemoryTracking=summary"),
                SoakProbe.class,
                directory.toString(),
                Integer.toString(SOAK_RUNS));
        Matcher summary = Pattern.compile("runs (\\d+), cancelled (\\d+), same true, left 0")
                .matcher(jvm.output());
        assertThat(summary.find()).as(jvm.output() + jvm.lastWords()).isTrue();
        assertThat(Integer.parseInt(summary.group(2))).isBetween(SOAK_RUNS / 4, SOAK_RUNS - 1);
        Matcher held =
                Pattern.compile("off-heap KiB (\\d+), resident KiB (\\d+)").matcher(jvm.output());
        assertThat(held.find()).isTrue();
        TrustFigures.print(
                "extrapolations in one JVM, four at a time, with off-heap memory, open files and threads back at the start",
                summary.group(1) + ", " + summary.group(2) + " of them cancelled");
        TrustFigures.print(
                "memory of that JVM afterwards, off-heap and in all",
                held.group(1) + " KiB and " + Integer.parseInt(held.group(2)) / 1024 + " MiB");
    }

    private ChildJvm run(Class<?> main, List<String> options) throws Exception {
        ChildJvm jvm = ChildJvm.run(
                Map.of(),
                options,
                main,
                directory.toString(),
                DEMO.toAbsolutePath().toString());
        assertThat(jvm.exitCode()).as(jvm.lastWords()).isZero();
        return jvm;
    }
}
