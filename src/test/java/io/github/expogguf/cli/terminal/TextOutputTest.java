package io.github.expogguf.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.expogguf.run.output.FaultyFiles;
import io.github.expogguf.run.output.FaultyFiles.Fault;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextOutputTest {

    @TempDir
    private Path directory;

    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("out.html");
    }

    @Test
    void fullDiskIsRefusedBeforeAnyWork() throws IOException {
        TextOutput output = new TextOutput(path, false);

        assertThatThrownBy(() -> output.check(FaultyFiles.withRoom(0)))
                .isInstanceOf(FileSystemException.class)
                .hasMessageStartingWith(path + ": no room: ")
                .hasMessageEndingWith(" is full; make room, or write to another disk");
        output.check(FaultyFiles.withRoom(1));
    }

    @Test
    void diskThatFillsUpIsNamedWithWhatIsNeeded() throws IOException {
        FaultyFiles full = new FaultyFiles(Fault.NO_SPACE, 2); // creating it succeeds

        FileSystemException failure =
                catchThrowableOfType(FileSystemException.class, () -> new TextOutput(path, false).write("four", full));

        assertThat(failure.getFile()).isEqualTo(path.toString());
        assertThat(failure.getReason())
                .matches("cannot be written: No space left on device; it takes 4 bytes, [\\d,]+ are free on its disk");
        assertThat(Files.list(directory)).isEmpty();
    }
}
