package io.github.expogguf.documents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code make test} says, with a program in the place of Maven. */
class MakeTest {

    /** What make hands down, where the tests are run by it: another one would speak of its directory. */
    private static final Set<String> OF_MAKE = Set.of("MAKEFLAGS", "MAKELEVEL", "MFLAGS");

    private static final Path MAKE = Path.of("/usr/bin/make");

    @TempDir
    Path directory;

    @BeforeEach
    void copyMakefile() throws IOException {
        assumeTrue(Files.isExecutable(MAKE), "there is no make");
        Files.copy(Path.of("Makefile"), directory.resolve("Makefile"));
        Files.createDirectories(directory.resolve("src/test"));
        Files.copy(Path.of("src/test/counts.awk"), directory.resolve("src/test/counts.awk"));
    }

    private String make(int mavenExit, int exit) throws IOException, InterruptedException {
        Path maven = Files.writeString(directory.resolve("mvn"), """
                #!/bin/sh
                echo '[INFO] Running SomeTest'
                echo 'WARNING: Using incubator modules' >&2
                echo 'trust | inputs | 5'
                [ %1$d = 0 ] || echo '[ERROR] SomeTest.fails:12 expected 1'
                mkdir -p target/surefire-reports
                cd target/surefire-reports
                echo '<testsuite name="a" tests="7" errors="0" skipped="2" failures="%1$d">' > TEST-a.xml
                exit %1$d
                """.formatted(mavenExit));
        assertThat(maven.toFile().setExecutable(true)).isTrue();
        return run(
                exit,
                MAKE.toString(),
                "--no-print-directory",
                "-o",
                "java",
                "-o",
                "native-oracles",
                "-o",
                "check",
                "test",
                "MVN=" + maven,
                "PLATFORM=linux-x64");
    }

    /** What is fetched is no news of a test, and is one where it was asked for. */
    @Test
    void fetchesWithoutAWordForTests() throws IOException, InterruptedException {
        assertThat(dryRun("test")).contains("native/fetch.sh source > /dev/null\n");
        assertThat(dryRun("native-oracles"))
                .contains("native/fetch.sh source \n")
                .doesNotContain("/dev/null");
    }

    private String dryRun(String target) throws IOException, InterruptedException {
        return run(0, MAKE.toString(), "-n", "-o", "java", "-o", "check", target);
    }

    @Test
    void isOneLineWithCountsWhereAllIsWell() throws IOException, InterruptedException {
        assertThat(make(0, 0)).isEqualTo("7 tests in 1 suites: 0 failed, 2 skipped\n");
        assertThat(directory.resolve("target/test.log")).content().contains("trust | inputs | 5");
    }

    @Test
    void showsWhatFailsAndWhereTheRestIs() throws IOException, InterruptedException {
        assertThat(make(1, 2)).startsWith("""
                        [ERROR] SomeTest.fails:12 expected 1
                        7 tests in 1 suites: 1 failed, 2 skipped
                        What the tests printed is in target/test.log.
                        """);
    }

    private String run(int exit, String... words) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(words).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeAll(OF_MAKE);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isEqualTo(exit);
        return text;
    }

    private Path program(String name, String script) throws IOException {
        Path program = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script);
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program;
    }

    @Test
    void saysWhereTheCommandIs() throws IOException, InterruptedException {
        assertThat(run(0, MAKE.toString())).endsWith("make build makes the command, target/expo-gguf.jar.\n");
        Files.createFile(Files.createDirectory(directory.resolve("target")).resolve("expo-gguf.jar"));
        assertThat(run(0, MAKE.toString())).endsWith("The command is there: java -jar target/expo-gguf.jar\n");
    }

    /** What JavaSearch says is all that is said, and Maven is not begun. */
    @Test
    void doesNotBuildWithoutAJavaThatIsNewEnough() throws IOException, InterruptedException {
        Path java = program("java", "echo 'expo-gguf: error: there is no Java 25' >&2; exit 78\n");
        Path maven = program("mvn", "echo Maven\n");

        assertThat(run(2, MAKE.toString(), "build", "JAVA=" + java, "MVN=" + maven, "PLATFORM=linux-x64"))
                .startsWith("expo-gguf: error: there is no Java 25\n")
                .doesNotContain("Maven");
    }

    @Test
    void replicatesWithVectors() throws IOException, InterruptedException {
        assertThat(dryRun("replicate")).containsPattern("--add-modules jdk.incubator.vector .*Replicate.java");
    }

    @Test
    void timesOfTheLauncherHaveErrors() throws IOException, InterruptedException {
        Path script = Path.of("src/jmh/launcher.sh").toAbsolutePath();
        Path java = program("java", "echo openjdk\n");
        Files.createDirectory(directory.resolve("bin"));
        program("bin/java", "exit 0\n");

        assertThat(run(0, "sh", script.toString(), java.toString(), directory.toString(), "x.jar")
                        .lines())
                .hasSize(7)
                .allMatch(line -> line.matches(".* +-?[0-9]+ \u00b1 [0-9]+ ms"));
    }
}
