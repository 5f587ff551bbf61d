package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.output.FileSystem;
import io.github.expogguf.run.output.SystemFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.testing.TrustFigures;
import io.github.expogguf.work.OutputOptions;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that stores another bit than it was given: no such file comes into its place. */
@Tag("trust")
class LyingDiskTest {

    private static final int TRIES = 60;

    @TempDir
    private Path directory;

    private Path sft;
    private Path aligned;
    private Path output;

    @BeforeEach
    void models() {
        TinyModel model = TinyModels.llama(Sizes.of(1, 32, 32, 4, 2));
        sft = model.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        aligned = model.write(directory.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
        output = directory.resolve("out.gguf");
    }

    private void write(FileSystem fileSystem) throws IOException {
        PlanOptions options =
                PlanOptions.builder().alpha(0.5f).fileType(FileType.Q8_0).build();
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            pair.writeAll(
                    List.of(new Extrapolator.Output(options, output)),
                    OutputOptions.defaults().withThreads(1),
                    fileSystem);
        }
    }

    /** Stores the byte at an offset of a partial file with one bit turned over. */
    private static FileSystem lying(long at, int bit) {
        return proxy(FileSystem.class, SystemFiles.INSTANCE, (method, arguments, result) -> {
            boolean opens = result instanceof FileSystem.Handle
                    && arguments[0].toString().endsWith(".expo-partial");
            return opens ? lying((FileSystem.Handle) result, at, bit) : result;
        });
    }

    private static FileSystem.Handle lying(FileSystem.Handle handle, long at, int bit) {
        return proxy(FileSystem.Handle.class, handle, (method, arguments, result) -> {
            if (method.equals("write") && at >= (long) arguments[1] && at < (long) arguments[1] + (int) result) {
                ByteBuffer written = ByteBuffer.allocate(1);
                handle.read(written, at);
                handle.write(written.put(0, (byte) (written.get(0) ^ bit)).rewind(), at);
            }
            return result;
        });
    }

    private interface After {
        Object apply(String method, Object[] arguments, Object result) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, T real, After after) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
                    try {
                        return after.apply(method.getName(), arguments, method.invoke(real, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Test
    void noticesAnotherBitInHeaderOrDataBeforeTheFileIsInPlace() throws IOException {
        write(SystemFiles.INSTANCE);
        GgufFile written = GgufReader.read(output);
        byte[] good = Files.readAllBytes(output);
        Files.delete(output);
        Random random = new Random(9);
        for (int i = 0; i < TRIES; i++) {
            int data = Math.toIntExact(written.dataOffset());
            int at = i % 2 == 0
                    ? random.nextInt(data)
                    : random.nextInt(data, good.length); // no padding: all rows are 32 long
            assertThatThrownBy(() -> write(lying(at, 1 << random.nextInt(8))))
                    .as("byte %d", at)
                    .isInstanceOf(VerificationException.class)
                    .hasMessageContaining("the disk gave back");
            assertThat(left()).containsExactly("aligned.gguf", "sft.gguf");
        }
        write(SystemFiles.INSTANCE);
        assertThat(output).hasBinaryContent(good);
        TrustFigures.print(
                "bits that the disk stored wrong, noticed before the file was in place", Integer.toString(TRIES));
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
