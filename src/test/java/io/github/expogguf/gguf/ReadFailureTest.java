package io.github.expogguf.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.imatrix.ImatrixReader;
import io.github.expogguf.run.input.FileDigests;
import io.github.expogguf.work.Cancellation;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReadFailureTest {

    private static final Path UNREADABLE =
            Path.of("/proc/self/mem"); // a regular file that opens, and whose first byte cannot be read

    static Stream<ThrowingCallable> readers() {
        return Stream.of(
                () -> ImatrixReader.read(UNREADABLE), () -> FileDigests.sha256(UNREADABLE, new Cancellation()));
    }

    @ParameterizedTest
    @MethodSource("readers")
    @EnabledOnOs(OS.LINUX)
    void namesTheFile(ThrowingCallable reader) {
        assertThatThrownBy(reader)
                .isInstanceOf(FileSystemException.class)
                .hasMessage(UNREADABLE + ": cannot be read: Input/output error")
                .hasRootCauseMessage("Input/output error");
    }

    @Test
    void leavesWhatSaysMore() {
        IOException ended = new EOFException("a.gguf: tensor 'x': the file ends");
        IOException missing = new NoSuchFileException("a.gguf");

        assertThat(ReadFailure.of(Path.of("b"), ended)).isSameAs(ended);
        assertThat(ReadFailure.of(Path.of("b"), missing)).isSameAs(missing);
    }
}
