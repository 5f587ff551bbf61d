package io.github.expogguf.run.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialFileTest {

    @TempDir
    Path directory;

    @Test
    void leavesNothingWhenClosedBeforeTheMove() throws IOException {
        try (PartialFile file = PartialFile.create(directory.resolve("a.gguf"))) {
            file.write(0, ByteBuffer.wrap(new byte[10]));
            assertThat(file.path()).exists();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void appearsUnderItsNameOnlyWhenMoved() throws IOException {
        Path target = directory.resolve("a.gguf");
        try (PartialFile file = PartialFile.create(target)) {
            file.extendTo(8);
            file.write(2, ByteBuffer.wrap(new byte[] {1, 2}));
            assertThat(target).doesNotExist();
            file.moveIntoPlace(false);
        }
        assertThat(target).hasBinaryContent(new byte[] {0, 0, 1, 2, 0, 0, 0, 0});
        assertThat(Files.list(directory)).containsExactly(target);
    }

    @Test
    void doesNotReplaceAFileThatAppearedMeanwhile() throws IOException {
        Path target = directory.resolve("a.gguf");
        try (PartialFile file = PartialFile.create(target)) {
            Files.writeString(target, "somebody else's");
            assertThatThrownBy(() -> file.moveIntoPlace(false)).isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(target).hasContent("somebody else's");
        assertThat(Files.list(directory)).containsExactly(target);
    }

    @Test
    void replacesWhenAsked() throws IOException {
        Path target = Files.writeString(directory.resolve("a.gguf"), "old");
        try (PartialFile file = PartialFile.create(target)) {
            file.write(0, ByteBuffer.wrap("new".getBytes()));
            assertThat(target).hasContent("old");
            file.moveIntoPlace(true);
        }
        assertThat(target).hasContent("new");
    }
}
