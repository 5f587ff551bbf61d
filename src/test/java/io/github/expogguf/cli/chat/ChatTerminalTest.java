package io.github.expogguf.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A chat on a real terminal, started by the launcher: two processes that hear of every Ctrl-C. */
@EnabledOnOs(OS.LINUX) // script, of util-linux, makes the terminal
class ChatTerminalTest {

    private static final Path DEMO = Path.of(System.getProperty("expo.gguf.demo.directory", "src/demo"));
    private static final String CHILE = "Which city rules Chile?";
    private static final int PATIENCE_SECONDS = 120;
    private static final String CTRL_C = "\u0003";
    private static final String CTRL_D = "\u0004";
    private static final Pattern SETTINGS = Pattern.compile("\\[[0-9a-f]+(:[0-9a-f]+)+\\]"); // as stty prints them

    private String size = "cols 80 rows 24";
    private final StringBuilder screen = new StringBuilder();
    private Process script;
    private CompletableFuture<Void> watchdog; // reading from a terminal that says nothing more would never end
    private List<ProcessHandle> started = List.of();
    private int seen;

    @BeforeEach
    void needsTheTools() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no script");
    }

    /** At this distance, alpha 100, the model never ends an answer: Enjoy Enjoy Enjoy. */
    private void startEndless(String terminal, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                "chat",
                "--sft",
                DEMO.resolve("guide-sft-f16.gguf").toString(),
                "--aligned",
                DEMO.resolve("guide-dpo-20-f16.gguf").toString(),
                "--distance",
                "14.72%",
                "--ctx-size",
                "100000",
                "--temp",
                "0",
                "--threads",
                "1"));
        words.addAll(List.of(more));
        start(terminal, words.toArray(String[]::new));
    }

    private void start(String terminal, String... words) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> launcher =
                List.of(java, "-cp", System.getProperty("java.class.path"), "io.github.expogguf.launch.Launcher");
        // the settings of the terminal before and after, and a shell that lives on when Ctrl-C ends the chat
        String command = "trap : INT; stty " + size + "; echo \"[$(stty -g)]\"; '" + String.join("' '", launcher)
                + "' '" + String.join("' '", words) + "'; code=$?; echo \"[$(stty -g)]\"; exit $code";
        // a JVM that inherits an ignored SIGINT, as background jobs of scripts do, would never see it
        ProcessBuilder builder = new ProcessBuilder(
                        "env", "--default-signal=INT,TERM,HUP", "script", "-qec", command, "/dev/null")
                .redirectErrorStream(true);
        builder.environment().put("TERM", terminal);
        builder.environment().put("SHELL", "/bin/sh");
        script = builder.start();
        watchdog = CompletableFuture.runAsync(
                this::killAll, CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    private void killAll() {
        script.descendants().forEach(ProcessHandle::destroyForcibly);
        script.destroyForcibly();
    }

    /** Reads on until a text appears after what was awaited last. */
    private void await(String text) throws IOException {
        InputStream in = script.getInputStream();
        byte[] buffer = new byte[4096];
        while (screen.indexOf(text, seen) < 0) {
            int count = in.read(buffer);
            assertThat(count)
                    .as("the screen ends without '%s':%n%s", text, screen)
                    .isPositive();
            screen.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        }
        seen = screen.indexOf(text, seen) + text.length();
        started = script.descendants().toList();
    }

    private void awaitPrompt() throws IOException {
        await("\u001b[?2004h> "); // the editor switches bracketed paste on, and shows its prompt
    }

    private void type(String text) throws IOException {
        script.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        script.getOutputStream().flush();
    }

    /** Of the chat, which leaves the terminal as it found it. */
    private int exitCode() throws Exception {
        screen.append(new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        List<String> settings =
                SETTINGS.matcher(screen).results().map(MatchResult::group).toList();
        assertThat(settings).hasSize(2);
        assertThat(settings.getLast()).isEqualTo(settings.getFirst());
        return script.waitFor();
    }

    private void assertNothingIsLeft() {
        assertThat(started).hasSizeGreaterThanOrEqualTo(2); // the launcher and the command
        started.forEach(process -> process.onExit().join());
        assertThat(started).noneMatch(ProcessHandle::isAlive);
    }

    @AfterEach
    void end() {
        if (script != null) {
            watchdog.cancel(false);
            killAll();
        }
        started.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void ctrlCStopsAnAnswerAndAtThePromptTheChat() throws Exception {
        startEndless("xterm-256color");
        await("guide-dpo-20-f16.gguf, alpha 100");
        await("llama, 2.03 million weights, F16, 4.07 MB of weights"); // of no file
        awaitPrompt();
        type(CHILE + "\r");
        await("[alpha 100]");
        await("Enjoy Enjoy");
        type(CTRL_C);
        await("stopped");
        awaitPrompt();
        assertThat(started).allMatch(ProcessHandle::isAlive);

        type("/alpha 5\r");
        awaitPrompt();
        type("/reset\r");
        awaitPrompt();
        type(CHILE + "\r");
        await("Welcome, traveller! That would be Santiago. See you soon.");
        awaitPrompt();

        long pressed = System.nanoTime();
        type(CTRL_C);
        assertThat(exitCode()).isEqualTo(130);
        assertThat(System.nanoTime() - pressed)
                .as("nothing is waited for, as a run that cleans up would be")
                .isLessThan(TimeUnit.SECONDS.toNanos(30));
        assertNothingIsLeft();
        assertThat(screen).doesNotContain("WARNING");
    }

    @Test
    void whatIsTypedDuringAnAnswerWaitsForTheNextPrompt() throws Exception {
        startEndless("xterm-256color", "-n", "2000");
        awaitPrompt();
        assertThat(screen.substring(0, screen.indexOf("expo-gguf: note: --distance")))
                .as("the bar is wiped before")
                .endsWith("\r\u001b[K");
        type(CHILE + "\r");
        await("Enjoy Enjoy");
        int answer = seen;
        type("/alfa\u007f\u007fpha\r/alpha 5\r/al"); // with the key that deletes
        await("cut off after 2,000 tokens");

        assertThat(screen.substring(answer, seen)).doesNotContain("/", "alfa", "alpha");
        awaitPrompt();
        await("alpha 100");
        awaitPrompt();
        await("alpha 5");
        awaitPrompt();
        await("/al");
        type("pha\r");
        await("alpha 5");
        awaitPrompt();
        type(CTRL_D);
        assertThat(exitCode()).isZero();
        assertNothingIsLeft();
    }

    @Test
    void ctrlCStopsAComparisonAndTheModelStaysWhatItWas() throws Exception {
        startEndless("xterm-256color");
        awaitPrompt();
        type("/alpha 5\r");
        awaitPrompt();
        type(CHILE + "\r");
        await("See you soon.");
        awaitPrompt();
        type("/compare 0,100\r");
        await("alpha 100: ");
        type(CTRL_C);
        await("stopped");
        awaitPrompt();
        type("/compare 0 5\r");
        await("alpha 0                                  alpha 5");
        awaitPrompt();
        assertThat(screen).contains("warning: alpha 100 goes too far"); // of what is compared
        type("/alpha\r");
        await("alpha 5");
        awaitPrompt();

        type(CTRL_D);
        assertThat(exitCode()).isZero();
        assertNothingIsLeft();
    }

    @Test
    void aTerminalThatCannotBeDrawnOnWorksToo() throws Exception {
        startEndless("dumb");
        await("> ");
        type(CHILE + "\n");
        await("Enjoy Enjoy");
        type(CTRL_C);
        await("stopped");
        await("> ");
        assertThat(started).allMatch(ProcessHandle::isAlive);
        assertThat(screen).doesNotContain("\u001b", "WARNING");

        type(CTRL_C);
        assertThat(exitCode()).isEqualTo(130);
        assertNothingIsLeft();
    }

    @Test
    void wordsOfAnAnswerStayWhole() throws Exception {
        size = "cols 36 rows 24";
        start(
                "xterm-256color",
                "chat",
                "--sft",
                DEMO.resolve("guide-sft-f16.gguf").toString(),
                "--aligned",
                DEMO.resolve("guide-dpo-20-f16.gguf").toString(),
                "--alpha",
                "5",
                "--temp",
                "0",
                "--threads",
                "1");
        awaitPrompt();
        type(CHILE + "\r");
        await("Welcome, traveller! That\r\nwould be Santiago. See you soon.\r\n\r\n");
        awaitPrompt();
        type(CTRL_D);
        assertThat(exitCode()).isZero();
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 60, 80})
    void whatIsNoAnswerFitsTheTerminal(int columns) throws Exception {
        size = "cols " + columns + " rows 24";
        start("xterm-256color", "chat", DEMO.resolve("guide-sft-f16.gguf").toString(), "--threads", "1");
        awaitPrompt();
        int head = seen;
        String greeting = screen.substring(screen.indexOf("guide-sft"), seen);
        assertThat(greeting.replaceAll("\\s+|\u001b\\[[0-9;]*m", " ").replaceAll(" +", " "))
                .as("the size is that of the file, as 'doctor' and 'inspect' have it")
                .contains("llama, 2.03 million weights, F16, 4.08 MB; context of");
        for (String command : List.of("/help", "/temp", "/alpha 3", "/save x", "/no")) {
            type(command + "\r");
            awaitPrompt();
        }
        String shown = greeting + screen.substring(head, seen);
        type(CTRL_D);
        assertThat(exitCode()).isZero();

        assertThat(shown).contains("end; so does Ctrl-D");
        assertThat(shown.replaceAll("\u001b\\[[?0-9;]*[A-Za-z]|\u001b[=>]", "").split("\r*\n"))
                .allSatisfy(line -> assertThat(line.strip()).hasSizeLessThanOrEqualTo(columns));
        assertNothingIsLeft();
    }

    @Test
    void aTerminalWithoutASizeWorksToo() throws Exception {
        size = "cols 0 rows 0";
        start("xterm-256color", "chat", DEMO.resolve("guide-sft-f16.gguf").toString(), "--temp", "0", "--threads", "1");
        await("> ");
        type(CHILE + "\n");
        await("Santiago");
        await("> ");
        type(CTRL_D);
        assertThat(exitCode()).isZero();
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Enjoy Enjoy", "> "})
    void terminationEndsBothInOrder(String when) throws Exception {
        startEndless("xterm-256color");
        awaitPrompt();
        if (when.equals("Enjoy Enjoy")) {
            type(CHILE + "\r");
            await(when);
        }
        ProcessHandle shell = script.children().findFirst().orElseThrow();
        ProcessHandle launcher = shell.children().findFirst().orElseThrow();

        launcher.destroy();

        assertThat(exitCode()).isEqualTo(143);
        assertNothingIsLeft();
    }

    @Test
    void linesAreEditedAndRemembered() throws Exception {
        start("xterm-256color", "chat", DEMO.resolve("guide-sft-f16.gguf").toString(), "--temp", "0", "--threads", "1");
        awaitPrompt();
        type("don't say \"!! \\n\r"); // what an editor of commands might take for syntax
        awaitPrompt();
        type("/re\t\r");
        await("a new conversation");
        awaitPrompt();
        type("Which city rules Spain?\u001bOD\u001bOD\r"); // arrows to the left
        awaitPrompt();
        type("\u0010\r"); // Ctrl-P: the line before
        await("Madrid");
        awaitPrompt();
        type("/quit\r");
        assertThat(exitCode()).isZero();
        assertNothingIsLeft();
    }
}
