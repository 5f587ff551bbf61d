package io.github.expogguf.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Starts the real launcher in processes of its own. */
@EnabledOnOs(OS.LINUX) // signals, /proc, setsid and script
class LauncherTest {

    @TempDir
    private static Path directory;

    private static Path jar;

    @TempDir
    private Path scratch;

    @BeforeAll
    static void makeJar() throws IOException {
        jar = StandIn.jar(directory);
    }

    private static Path thisJava() {
        return Path.of(System.getProperty("java.home"));
    }

    /** A Java that is too old, as found on many machines; the test is skipped where there is none. */
    private static Path olderJava() {
        Path older = JavaSearch.ofThisMachine().usualPlaces().stream()
                .filter(home -> JavaSearch.version(home) >= 8 && JavaSearch.version(home) < 25)
                .findFirst()
                .orElse(null);
        assumeTrue(older != null, "no older Java on this machine");
        return older;
    }

    private static List<String> command(Path java, String... args) {
        List<String> command =
                new ArrayList<>(List.of(JavaSearch.executable(java).toString()));
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(List.of(args));
        return command;
    }

    private static Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("EXPO_GGUF_JAVA_OPTS", "-Dextra.option=yes  -Xmx1g");
        return builder.start();
    }

    private static String errors(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "extrapolate --sft a.gguf -o b.gguf, false",
        "extrapolate --sft version, false",
        "verify x.gguf, false",
        "demo, false",
        "version, true",
        "inspect x.gguf --json, true",
        "plan --sft a.gguf, true",
        "help extrapolate, true",
        "--help, true",
        "extrapolate --help, true",
        "extrapolate --sft a.gguf --dry-run, true",
        "chat -m x.gguf -- --help, false",
    })
    void knowsWhichCommandsOnlyLook(String line, boolean looksOnly) {
        assertThat(Launcher.looksOnly(line.split(" "))).isEqualTo(looksOnly);
    }

    @Test
    void aCommandThatLooksRunsInTheFirstJvm() throws Exception {
        Process process = start(command(thisJava(), "version"));
        assertThat(StandIn.text(process)).contains("pid=" + process.pid() + "\n", "vectors=false\n", "native=true\n");
        assertThat(errors(process)).isEmpty();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void aCommandThatComputesGetsVectorsAndNativeAccessAndNoWarning() throws Exception {
        Process process = start(command(thisJava(), "extrapolate"));
        assertThat(StandIn.text(process))
                .contains("vectors=true\n", "native=true\n", "option=yes\n")
                .doesNotContain("pid=" + process.pid() + "\n");
        assertThat(errors(process)).isEmpty();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void whoeverAskedForTheVectorModuleHasOneJvm() throws Exception {
        List<String> command = command(thisJava(), "extrapolate");
        command.add(1, "--add-modules=jdk.incubator.vector");
        Process process = start(command);
        assertThat(StandIn.text(process)).contains("pid=" + process.pid() + "\n", "vectors=true\n");
    }

    @Test
    void argumentsAndPropertiesArriveUnchanged() throws Exception {
        List<String> command = command(thisJava(), "extrapolate", "two words", "", "*", "\"quoted\"");
        command.add(1, "-Dexpo.gguf.lib.path=/some where");
        assertThat(StandIn.text(start(command)))
                .contains("property=/some where\n", "args=[extrapolate, two words, , *, \"quoted\"]");
    }

    @Test
    void propertiesOfTheVariableHoldForCommandsThatLookToo() throws Exception {
        for (String name : List.of("version", "extrapolate")) {
            ProcessBuilder builder = new ProcessBuilder(command(thisJava(), name));
            builder.environment().put("EXPO_GGUF_JAVA_OPTS", "-Xmx1g -Dexpo.gguf.lib.path=/somewhere");
            assertThat(StandIn.text(builder.start())).contains("property=/somewhere\n");
        }
    }

    @Test
    void theExitCodeIsTheCommands() throws Exception {
        assertThat(start(command(thisJava(), "extrapolate", "exit", "7")).waitFor())
                .isEqualTo(7);
        assertThat(start(command(thisJava(), "version", "exit", "7")).waitFor()).isEqualTo(7);
    }

    @Test
    void stdinReachesTheCommand() throws Exception {
        Process process = start(command(thisJava(), "chat", "echo"));
        try (var in = process.getOutputStream()) {
            in.write("a question\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(StandIn.text(process)).isEqualTo("a question\n");
    }

    @Test
    void stderrStaysATerminalAndShowsNoWarning() throws Exception {
        String line = "'" + String.join("' '", command(thisJava(), "extrapolate")) + "'";
        Process process = new ProcessBuilder("script", "-qec", line, "/dev/null")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        assertThat(StandIn.text(process))
                .contains("vectors=true", "stderr=/dev/pts/")
                .doesNotContain("WARNING");
    }

    @ParameterizedTest
    @ValueSource(strings = {"extrapolate", "version"})
    void anOldJavaStartsANewOne(String name) throws Exception {
        Process process = start(command(olderJava(), name));
        assertThat(StandIn.text(process))
                .contains("java=" + Runtime.version().feature(), "native=true")
                .contains("vectors=" + name.equals("extrapolate"));
        assertThat(errors(process)).isEmpty();
        assertThat(process.waitFor()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"extrapolate", "version"})
    void oneLineSaysWhenThereIsNoJavaThatIsNewEnough(String name) throws Exception {
        List<String> command = command(thisJava(), name);
        command.add(1, "-Dexpo.gguf.java.needed=99");
        Process process = start(command);
        assertThat(errors(process))
                .startsWith("expo-gguf: error: Java 99 or newer is needed, and this is Java "
                        + Runtime.version().feature())
                .endsWith("or name it in JAVA_HOME\n")
                .hasLineCount(1);
        assertThat(process.waitFor()).isEqualTo(78);
    }

    @Test
    void aJdkThatLoadsModulesInAnotherWayCostsTheWarningOnly() throws Exception {
        String java = JavaSearch.executable(thisJava()).toString();
        Process process = new ProcessBuilder(
                        java, "-cp", jar.toString(), "io.github.expogguf.launch.Computing", "extrapolate")
                .start();
        assertThat(StandIn.text(process)).contains("vectors=true");
        assertThat(errors(process)).isEqualTo("WARNING: Using incubator modules: jdk.incubator.vector\n");
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "HUP, 129", "INT, 130"})
    void aSignalForTheLauncherEndsTheCommandInOrder(String signal, int exitCode) throws Exception {
        Path temporary = scratch.resolve("half-written");
        Process process = startWaiting(temporary, command(thisJava(), "extrapolate", "wait", temporary.toString()));
        kill(signal, Long.toString(process.pid()));
        assertThat(process.waitFor()).isEqualTo(exitCode);
        assertThat(temporary).doesNotExist();
    }

    @Test
    void ctrlCReachesBothAndEndsWith130() throws Exception {
        Path temporary = scratch.resolve("half-written");
        List<String> command = command(thisJava(), "extrapolate", "wait", temporary.toString());
        command.addFirst("setsid"); // a process group of its own, as a terminal gives to a command
        Process process = startWaiting(temporary, command);
        kill("INT", "-" + process.pid());
        assertThat(process.waitFor()).isEqualTo(130);
        assertThat(temporary).doesNotExist();
    }

    @Test
    void aChatDecidesByItselfWhatCtrlCMeans() throws Exception {
        Path temporary = scratch.resolve("half-written");
        Process process = startWaiting(temporary, command(thisJava(), "chat", "wait", temporary.toString()));

        kill("INT", Long.toString(process.pid())); // the terminal tells the command, too; here nobody does

        assertThat(process.waitFor(1, TimeUnit.SECONDS)).isFalse();
        kill("INT", Long.toString(process.children().findFirst().orElseThrow().pid()));
        assertThat(process.waitFor()).isEqualTo(130);
        assertThat(temporary).doesNotExist();
    }

    @Test
    void theCommandEndsInOrderWhenTheLauncherIsKilled() throws Exception {
        Path temporary = scratch.resolve("half-written");
        Process process = startWaiting(temporary, command(thisJava(), "extrapolate", "wait", temporary.toString()));
        List<ProcessHandle> children = process.children().toList();
        process.destroyForcibly().waitFor();
        for (ProcessHandle child : children) {
            child.onExit().get(30, TimeUnit.SECONDS);
        }
        assertThat(temporary).doesNotExist();
    }

    private static Process startWaiting(Path temporary, List<String> command) throws Exception {
        // a JVM that inherits an ignored SIGINT, as a background job of a script does, leaves it ignored
        String ignored = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .findFirst()
                .orElseThrow();
        assumeTrue((Long.parseUnsignedLong(ignored.substring(7).strip(), 16) & 0b11) == 0, "SIGINT is ignored here");
        Process process = start(command);
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
        assertThat(temporary).exists();
        return process;
    }

    private static void kill(String signal, String process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-s", signal, "--", process)
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }
}
