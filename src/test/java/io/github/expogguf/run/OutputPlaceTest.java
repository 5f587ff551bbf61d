package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator.Output;
import io.github.expogguf.run.output.FaultyFiles;
import io.github.expogguf.run.output.FaultyFiles.Fault;
import io.github.expogguf.run.output.FileSystem;
import io.github.expogguf.run.output.SystemFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Unfinished;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is in the place of an output, and whether there is room for it. */
@Tag("trust")
class OutputPlaceTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(1, 256, 256, 4, 2))
            .withMatrices(GgmlType.F16)
            .select(name -> name.startsWith("token_embd") || name.startsWith("blk.0.attn"));
    private static final PlanOptions OPTIONS =
            PlanOptions.builder().alpha(0.5f).fileType(FileType.Q8_0).build();
    private static final OutputOptions HOW = OutputOptions.defaults().withThreads(1);
    private static final OutputOptions FORCE = HOW.withForce(true);

    @TempDir
    static Path shared;

    private static Path sft;
    private static Path aligned;
    private static byte[] good;

    @TempDir
    Path directory;

    private Path output;

    @BeforeAll
    static void writeModels() throws IOException {
        sft = MODEL.write(shared.resolve("sft.gguf"), TensorValues.random(1));
        aligned = MODEL.write(shared.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
        write(shared.resolve("good.gguf"), HOW, SystemFiles.INSTANCE);
        good = Files.readAllBytes(shared.resolve("good.gguf"));
    }

    @BeforeEach
    void choosePlace() {
        output = directory.resolve("out.gguf");
    }

    private static List<ExpoReport> write(Path output, OutputOptions how, FileSystem fileSystem) throws IOException {
        return write(List.of(new Output(OPTIONS, output)), how, fileSystem);
    }

    private static List<ExpoReport> write(List<Output> outputs, OutputOptions how, FileSystem fileSystem)
            throws IOException {
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            return pair.writeAll(outputs, how, fileSystem);
        }
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void hasThePermissionsOfAnyNewFileAlsoWhenItReplacesOne() throws IOException {
        Path any = Files.createFile(directory.resolve("any"));
        write(output, HOW, SystemFiles.INSTANCE);
        assertThat(Files.getPosixFilePermissions(output)).isEqualTo(Files.getPosixFilePermissions(any));
        Files.setPosixFilePermissions(output, PosixFilePermissions.fromString("r--------"));
        write(output, FORCE, SystemFiles.INSTANCE);
        assertThat(Files.getPosixFilePermissions(output)).isEqualTo(Files.getPosixFilePermissions(any));
    }

    @Test
    void replacesASymbolicLinkAndLeavesAloneWhatItLeadsTo() throws IOException {
        Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "precious");
        Files.createSymbolicLink(output, elsewhere);
        assertThatThrownBy(() -> write(output, HOW, SystemFiles.INSTANCE))
                .isInstanceOf(FileAlreadyExistsException.class);
        write(output, FORCE, SystemFiles.INSTANCE);
        assertThat(Files.isRegularFile(output, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(output).hasBinaryContent(good);
        assertThat(elsewhere).hasContent("precious");
    }

    @Test
    void replacesASymbolicLinkThatLeadsNowhereOnlyWhenForced() throws IOException {
        Files.createSymbolicLink(output, directory.resolve("nowhere"));
        assertThatThrownBy(() -> write(output, HOW, SystemFiles.INSTANCE))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(Files.isSymbolicLink(output)).isTrue();
        write(output, FORCE, SystemFiles.INSTANCE);
        assertThat(output).hasBinaryContent(good);
        assertThat(left()).containsExactly(output);
    }

    @Test
    void leavesTheOldContentsToOtherHardLinks() throws IOException {
        Files.writeString(output, "old");
        Path other = Files.createLink(directory.resolve("other"), output);
        write(output, FORCE, SystemFiles.INSTANCE);
        assertThat(output).hasBinaryContent(good);
        assertThat(other).hasContent("old");
    }

    @Test
    void neverWritesThroughALinkInThePlaceOfThePartialFile() throws IOException {
        Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "precious");
        Path partial = Files.createSymbolicLink(directory.resolve(".out.gguf.expo-partial"), elsewhere);
        assertThatThrownBy(() -> write(output, HOW, SystemFiles.INSTANCE)).isInstanceOf(FileSystemException.class);
        for (Unfinished unfinished : List.of(Unfinished.RESUME, Unfinished.DISCARD)) {
            write(output, FORCE.withUnfinished(unfinished), SystemFiles.INSTANCE);
            assertThat(output).hasBinaryContent(good);
            assertThat(elsewhere).hasContent("precious");
            assertThat(Files.isSymbolicLink(partial)).isFalse();
            Files.createSymbolicLink(partial, elsewhere);
        }
    }

    @Test
    void leavesNothingWhereItRefuses() throws IOException {
        Files.writeString(output, "mine");
        assertThatThrownBy(() -> write(output, HOW, SystemFiles.INSTANCE))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> write(output, FORCE, FaultyFiles.withRoom(good.length - 1)))
                .isInstanceOf(FileSystemException.class);
        assertThat(left()).containsExactly(output);
        assertThat(output).hasContent("mine");
    }

    @Test
    void checksTheRoomForAllOutputsOfADiskTogether() throws IOException {
        List<Output> outputs = List.of(
                new Output(OPTIONS, output), new Output(OPTIONS.withAlpha(0.25f), directory.resolve("more.gguf")));
        FileSystemException refused = catchThrowableOfType(
                FileSystemException.class, () -> write(outputs, HOW, FaultyFiles.withRoom(2L * good.length - 1)));
        assertThat(refused.getReason())
                .matches("no room: %,d bytes are needed on .*, %,d are free; make room, or write to another disk"
                        .formatted(2L * good.length, 2L * good.length - 1));
        assertThat(left()).isEmpty();
        write(outputs, HOW, FaultyFiles.withRoom(2L * good.length));
        assertThat(left()).hasSize(2);
    }

    @Test
    void needsNoRoomForWhatAResumedRunHasWritten() throws IOException {
        FaultyFiles killed = new FaultyFiles(Fault.KILL, 17);
        assertThatThrownBy(() -> write(output, HOW, killed)).isInstanceOf(IOException.class);
        long kept = 0;
        for (long room = 1; kept == 0; room += 1000) {
            try {
                kept = write(output, HOW.withResume(true), FaultyFiles.withRoom(room))
                        .getFirst()
                        .keptBytes();
                assertThat(room).isBetween(good.length - kept, good.length - kept + 1000);
            } catch (FileSystemException e) {
                assertThat(e.getReason()).startsWith("no room: ");
            }
        }
        assertThat(output).hasBinaryContent(good);
    }

    @Test
    void saysWhatIsNeededAndFreeWhenADiskFillsUp() throws IOException {
        FileSystemException failure = catchThrowableOfType(
                FileSystemException.class, () -> write(output, HOW, new FaultyFiles(Fault.NO_SPACE, 8)));
        assertThat(failure.getFile()).isEqualTo(output.toString());
        assertThat(failure.getReason())
                .matches("cannot be written: No space left on device; it takes %,d bytes, [\\d,]+ are free on its disk"
                        .formatted(good.length));
        assertThat(left()).isEmpty();
    }

    @Test
    void worksWithoutLocksButTouchesNoPartialFileThatMayBeAnothers() throws IOException {
        write(output, HOW, new FaultyFiles(Fault.IO_ERROR, 2)); // the lock
        assertThat(output).hasBinaryContent(good);
        Path partial = Files.writeString(directory.resolve(".out.gguf.expo-partial"), "somebody's");
        for (Unfinished unfinished : Unfinished.values()) {
            assertThatThrownBy(
                            () -> write(output, FORCE.withUnfinished(unfinished), new FaultyFiles(Fault.IO_ERROR, 2)))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining(unfinished == Unfinished.REFUSE ? "left this file" : "locks fail here (");
            assertThat(partial).hasContent("somebody's");
        }
        assertThat(left()).containsExactly(partial, output);
    }
}
