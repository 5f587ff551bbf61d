package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.CancelledException;
import io.github.expogguf.GgufFormatException;
import io.github.expogguf.InferenceException;
import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.NativeLibraryException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.OutputInUseException;
import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.UnfinishedOutputException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.VerificationException;
import io.github.expogguf.cli.report.Failures;
import io.github.expogguf.cli.terminal.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailuresTest {

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new GgufFormatException(Path.of("m.gguf"), 8, "bad"), 3, "m.gguf: bad (at byte 8)"),
                Arguments.of(new SafetensorsFormatException(Path.of("m"), -1, "bad"), 3, "m: bad"),
                Arguments.of(new UnsupportedTypeException("m.gguf: no"), 3, "m.gguf: no"),
                Arguments.of(new NonFiniteException("3 NaN in 'x'"), 3, "3 NaN in 'x'"),
                Arguments.of(new ModelMismatchException("a\n  b", List.of("b")), 4, "a\n  b"),
                Arguments.of(new NativeLibraryException("none"), 6, "none"),
                Arguments.of(new InferenceException("refused"), 6, "refused"),
                Arguments.of(new VerificationException("differs"), 7, "differs"),
                Arguments.of(
                        new CancelledException("cancelled"), 130, "interrupted; nothing unfinished is left behind"),
                Arguments.of(
                        new CancelledException("cancelled; kept in p", true),
                        130,
                        "cancelled; kept in p; --resume goes on with it"),
                Arguments.of(
                        new UnfinishedOutputException("p\u001b", "left by a run", true),
                        5,
                        "p\\x1b: left by a run; --resume goes on with it, and --discard-partial removes it and starts anew"),
                Arguments.of(new OutputInUseException("p"), 5, "p: another run is writing this file"),
                Arguments.of(
                        new UnfinishedOutputException("p", "left by another run", false),
                        5,
                        "p: left by another run; --discard-partial removes it and starts anew"),
                Arguments.of(new IOException("disk full"), 5, "disk full"),
                Arguments.of(new NoSuchFileException("x.gguf"), 5, "x.gguf: no such file"),
                Arguments.of(new AccessDeniedException("x.gguf"), 5, "x.gguf: permission denied"),
                Arguments.of(
                        new FileAlreadyExistsException("x.gguf"), 5, "x.gguf: exists already; --force replaces it"),
                Arguments.of(new FileSystemException("x.gguf", null, "Is a directory"), 5, "x.gguf: Is a directory"),
                Arguments.of(new UncheckedIOException(new NoSuchFileException("x.gguf")), 5, "x.gguf: no such file"),
                Arguments.of(new IllegalStateException("odd\u001b[0m"), 1, "odd\\x1b[0m"),
                Arguments.of(new NullPointerException(), 1, "java.lang.NullPointerException"),
                Arguments.of(new OutOfMemoryError("1 GB"), 1, "not enough memory: 1 GB"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void everyFailureHasACodeAndAMessage(Throwable failure, int exitCode, String message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        assertThat(report(failure, out, err)).isEqualTo(exitCode);

        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("expo-gguf: error: " + message + "\n");
        assertThat(err.toString(StandardCharsets.UTF_8)).doesNotContain("\tat ");
        assertThat(out.size()).isZero();
    }

    @Test
    void verboseShowsWhereAFailureCameFrom() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        report(new IOException("disk full"), new ByteArrayOutputStream(), err, "extrapolate", "--verbose");

        assertThat(err.toString(StandardCharsets.UTF_8)).contains("disk full", "\tat ");
    }

    @Test
    void jsonListsTheDifferencesOfAPair() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        report(new ModelMismatchException("a", List.of("b", "c")), out, new ByteArrayOutputStream(), "--json");

        assertThat(out.toString(StandardCharsets.UTF_8).replaceAll("\\s", ""))
                .isEqualTo("{\"schema\":\"expo-gguf/error/1\",\"error\":{\"kind\":\"mismatch\","
                        + "\"exitCode\":4,\"message\":\"a\","
                        + "\"differences\":[\"b\",\"c\"]}}");
    }

    private static int report(Throwable failure, ByteArrayOutputStream out, ByteArrayOutputStream err, String... args) {
        Console console = new Console(utf8(out), utf8(err));
        return new Failures(console, args, Commands.printsJson(args)).report(failure);
    }

    private static PrintStream utf8(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}
