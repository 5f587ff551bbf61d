package io.github.expogguf.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.TrustFigures;
import io.github.expogguf.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application can do wrong with the library, in processes of their own, because some of it used to end them. */
@Tag("trust")
class EmbeddingTest {

    private static final Path DEMO = Path.of(System.getProperty("expo.gguf.demo.directory", "src/demo"));

    @TempDir
    private Path directory;

    @Test
    void everyPublicMemberSurvivesNullsExtremesForeignMemoryAndClosedObjects() throws Exception {
        ChildJvm jvm = run(ApiProbe.class, List.of("-Xmx512m"));
        assertThat(jvm.output()).doesNotContain("surprise:");
        Matcher summary = Pattern.compile("members (\\d+), calls (\\d+), refusals (\\d+)").matcher(jvm.output());
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

    private ChildJvm run(Class<?> main, List<String> options) throws Exception {
        ChildJvm jvm = ChildJvm.run(
                Map.of(), options, main, directory.toString(), DEMO.toAbsolutePath().toString());
        assertThat(jvm.exitCode()).as(jvm.lastWords()).isZero();
        return jvm;
    }
}
