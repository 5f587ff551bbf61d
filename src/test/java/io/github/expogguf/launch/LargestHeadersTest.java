package io.github.expogguf.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.corpus.LargestHeader;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufBytes;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.testing.TrustFigures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands on headers of the largest size, each in a JVM of its own that the launcher's options start, as for a user.
 */
@Tag("trust")
@EnabledOnOs(OS.LINUX) // which tells how much memory a process had at most
class LargestHeadersTest {

    private static final long MAX_RESIDENT = 256L << 20;
    private static final long MAX_SECONDS = 60; // not a measure of speed: a command that hangs

    @TempDir
    private Path directory;

    /** One process. */
    private record Run(String what, int exitCode, double seconds, long resident) {}

    @Test
    void theyEndAsTheyShouldInLittleMemory() throws Exception {
        List<Run> shown = new ArrayList<>();
        List<Run> extrapolated = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (LargestHeader header : LargestHeader.values()) {
            Path file = header.write(Files.createDirectory(directory.resolve(header.name())));
            shown.add(inspect(header.name(), file));
            extrapolated.add(extrapolate(header.name(), file));
            for (Run run : List.of(shown.getLast(), extrapolated.getLast())) {
                if (run.exitCode != header.exitCode() || run.resident > MAX_RESIDENT) {
                    problems.add(run.toString());
                }
            }
            Files.delete(file);
        }
        assertThat(problems).isEmpty();
        Path small = Path.of("src/demo/guide-sft-f16.gguf");
        print("inspect", shown, inspect("", small));
        print("extrapolate", extrapolated, extrapolate("", small));
    }

    /** Nothing of such a pair is the same, and every token has to be found. */
    @Test
    void vocabulariesThatDifferAreMatchedInLittleMemory() throws Exception {
        int tokens = GgufLimits.maxStrings() - 10_000;
        Path sft = vocabulary("sft.gguf", IntStream.range(0, tokens), tokens);
        Path aligned = vocabulary("aligned.gguf", IntStream.range(0, tokens).map(i -> tokens - 1 - i), tokens);
        Run run = run(
                "extrapolate",
                JavaOptions.computing(),
                Computing.class,
                "extrapolate",
                "-q",
                "--sft",
                sft.toString(),
                "--aligned",
                aligned.toString(),
                "--alpha",
                "0.5", // more is refused of models that are so far apart
                "-o",
                directory.resolve("out.gguf").toString());

        assertThat(run.exitCode).isZero();
        assertThat(run.resident).isLessThan(MAX_RESIDENT);
        try (GgufModel output = GgufModel.open(directory.resolve("out.gguf"));
                Arena arena = Arena.ofConfined()) {
            MemorySegment first = arena.allocate(4);
            output.read(output.header().tensors().getFirst(), 0, first);
            assertThat(first.get(ValueLayout.JAVA_FLOAT, 0))
                    .isEqualTo(0 + 0.5f * (0 - (tokens - 1))); // the last one of the SFT model
        }
        TrustFigures.print(
                "two vocabularies in different orders, extrapolated by a process started cold",
                "%,d tokens, %.1f s and %.0f MiB resident".formatted(tokens, run.seconds, run.resident / 1048576.0));
    }

    /** A model of one column, in which each token has its number in the file as its value. */
    private Path vocabulary(String name, IntStream order, int count) throws IOException {
        ByteBuffer texts = GgufBytes.little(16 * count);
        order.forEach(i -> texts.putLong(8).put("%08d".formatted(i).getBytes(StandardCharsets.US_ASCII)));
        byte[] head = GgufBytes.file()
                .string("general.architecture", "llama")
                .array("tokenizer.ggml.tokens", MetadataType.STRING.ordinal(), count, texts.array())
                .tensor("token_embd.weight", GgmlType.F32.id(), 0, 1, count)
                .data(4 * count)
                .bytes();
        ByteBuffer values = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).position(head.length - 4 * count);
        for (int i = 0; i < count; i++) {
            values.putFloat(i);
        }
        return Files.write(directory.resolve(name), head);
    }

    private static void print(String command, List<Run> runs, Run small) {
        TrustFigures.print(
                "the same with a process for each " + command + ", started cold",
                "%d commands, at most %.1f s (%.1f s for a small model) and %.0f MiB resident"
                        .formatted(
                                runs.size(),
                                runs.stream().mapToDouble(Run::seconds).max().orElseThrow(),
                                small.seconds,
                                runs.stream().mapToLong(Run::resident).max().orElseThrow() / 1048576.0));
    }

    private Run inspect(String name, Path file) throws Exception {
        return run(name + ": inspect", JavaOptions.looking(), Launcher.class, "inspect", "--full", file.toString());
    }

    /** The same model with a byte behind its data, which means nothing: one that is the same to the byte is refused. */
    private Path twin(Path file) throws IOException {
        Path twin = Files.copy(file, directory.resolve("twin.gguf"), StandardCopyOption.REPLACE_EXISTING);
        return Files.write(twin, new byte[1], StandardOpenOption.APPEND);
    }

    private Run extrapolate(String name, Path file) throws Exception {
        return run(
                name + ": extrapolate",
                JavaOptions.computing(),
                Computing.class,
                "extrapolate",
                "-q",
                "--force",
                "--sft",
                file.toString(),
                "--aligned",
                twin(file).toString(),
                "-o",
                directory.resolve("out.gguf").toString());
    }

    private static Run run(String what, List<String> options, Class<?> main, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        long start = System.nanoTime();
        Process process = JavaProcess.builder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long resident = 0;
        while (!process.waitFor(10, TimeUnit.MILLISECONDS)) {
            resident = Math.max(resident, mostResident(process));
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(MAX_SECONDS)) {
                process.destroyForcibly();
            }
        }
        return new Run(what, process.exitValue(), (System.nanoTime() - start) / 1e9, resident);
    }

    /** The most that a process had so far, in bytes; 0 when it has just ended. */
    private static long mostResident(Process process) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | UncheckedIOException ended) {
            return 0;
        }
    }
}
