package io.github.expogguf.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.text.json.JsonNumber;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files are opened, and what is read from them. */
class CheckpointTest {

    @TempDir
    private Path folder;

    private Path write(String file, String... tensors) throws IOException {
        return SafetensorsBytes.write(folder.resolve(file), tensors);
    }

    private Path index(String json) throws IOException {
        return Files.writeString(folder.resolve("model.safetensors.index.json"), json);
    }

    private static List<String> names(Checkpoint checkpoint) {
        return checkpoint.files().stream()
                .map(file -> file.path().getFileName().toString())
                .toList();
    }

    @Test
    void readsTensorsInTheOrderOfTheFile() throws Exception {
        write("model.safetensors", "z", "a");

        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.tensors().keySet()).containsExactly("z", "a");
            SafetensorsTensor tensor = checkpoint.tensors().get("a");
            assertThat(tensor).isEqualTo(new SafetensorsTensor("a", SafetensorsType.F32, List.of(2L), 8, 8, 0));
            assertThat(tensor.elementCount()).isEqualTo(2);
            byte[] bytes = new byte[3];
            checkpoint.read(tensor, 4, MemorySegment.ofArray(bytes));
            assertThat(bytes).containsExactly(12, 13, 14);
            assertThat(checkpoint.config()).isEmpty();
            assertThat(checkpoint.leftOut()).isEmpty();
            assertThatThrownBy(() -> checkpoint.read(tensor, 6, MemorySegment.ofArray(bytes)))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("tensor 'a': 3 bytes at 6 of 8");
            SafetensorsTensor other = new SafetensorsTensor("b", SafetensorsType.F32, List.of(2L), 8, 8, 0);
            assertThatThrownBy(() -> checkpoint.read(other, 0, MemorySegment.ofArray(bytes)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"})
    void opensAllShardsByFolderOrAnyOfThem(String name) throws Exception {
        write("model-00001-of-00002.safetensors", "a", "b");
        write("model-00002-of-00002.safetensors", "c");

        try (Checkpoint checkpoint = Checkpoint.open(folder.resolve(name))) {
            assertThat(checkpoint.tensors().keySet()).containsExactly("a", "b", "c");
            assertThat(checkpoint.tensors().get("c").file()).isEqualTo(1);
            byte[] bytes = new byte[1];
            checkpoint.read(checkpoint.tensors().get("c"), 7, MemorySegment.ofArray(bytes));
            assertThat(bytes).containsExactly(7);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"two.safetensors", "model.safetensors.index.json"})
    void opensWhatAnIndexNames(String name) throws Exception {
        write("one.safetensors", "a");
        write("two.safetensors", "b");
        write("model.safetensors", "old");
        index(
                "{\"metadata\":{\"total_size\":16},\"weight_map\":{\"b\":\"two.safetensors\",\"a\":\"one.safetensors\"}}");

        try (Checkpoint checkpoint = Checkpoint.open(folder.resolve(name))) {
            assertThat(names(checkpoint)).containsExactly("one.safetensors", "two.safetensors");
            assertThat(checkpoint.leftOut()).containsExactly(folder.resolve("model.safetensors"));
        }
        for (Path path : List.of(folder, folder.resolve("model.safetensors"))) {
            try (Checkpoint checkpoint = Checkpoint.open(path)) { // as transformers does
                assertThat(names(checkpoint)).containsExactly("model.safetensors");
            }
        }
        assertThat(Checkpoint.missing(folder)).isEmpty();
        assertThat(Checkpoint.passedOver(folder)).contains(folder.resolve("model.safetensors.index.json"));
        Files.delete(folder.resolve("model.safetensors"));
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(names(checkpoint)).containsExactly("one.safetensors", "two.safetensors");
        }
        assertThat(Checkpoint.passedOver(folder)).isEmpty();
    }

    @Test
    void readsNothingTwice() throws Exception {
        write("consolidated.safetensors", "a");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(names(checkpoint)).containsExactly("consolidated.safetensors");
        }
        write("other.safetensors", "b");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(names(checkpoint)).containsExactly("other.safetensors");
        }
        write("model-a.safetensors", "c");
        write("model-b.safetensors", "d");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(names(checkpoint)).containsExactly("model-a.safetensors", "model-b.safetensors");
            assertThat(checkpoint.leftOut())
                    .containsExactly(folder.resolve("consolidated.safetensors"), folder.resolve("other.safetensors"));
        }
        write("model.safetensors", "e");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(names(checkpoint)).containsExactly("model.safetensors");
        }
    }

    @Test
    void aTensorInTwoFilesIsRefused() throws Exception {
        write("model-a.safetensors", "a");
        write("model-b.safetensors", "b", "a");

        refused(folder, "model-b.safetensors: tensor 'a' is in model-a.safetensors, too; name the file that is meant");
    }

    @Test
    void missingFilesAreNamed() throws Exception {
        Path shard = write("model-00002-of-00003.safetensors", "a");

        String words = "model-00001-of-00003.safetensors: is missing, as another of the set is, which"
                + " model-00002-of-00003.safetensors belongs with; it belongs in the same folder";
        refused(shard, words);
        refused(folder, words);
        index("{\"weight_map\":{\"a\":\"model-00002-of-00003.safetensors\",\"b\":\"x.safetensors\"}}");
        refused(
                folder,
                "x.safetensors: is missing, which model.safetensors.index.json names; it belongs in the same folder");
        refused(write("model-00004-of-00003.safetensors", "a"), "model-00004-of-00003.safetensors: shard 4 of 3");
        assertThatThrownBy(() -> Checkpoint.open(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    /** The files are all there, and it is the index that is of others. */
    @Test
    void anIndexWithOtherNamesIsAtFault() throws Exception {
        write("model-00001-of-00002.safetensors", "a", "b");
        write("model-00002-of-00002.safetensors", "c");
        String end = ", which is not there, and it is in model-00001-of-00002.safetensors; download the index again, or"
                + " give the files the names that it has";
        String named = "\"a\":\"model-00001-of-00002.safetensors\",\"c\":\"model-00002-of-00002.safetensors\"";
        index("{\"weight_map\":{" + named + ",\"b\":\"nix.safetensors\"}}");
        refused(folder, "model.safetensors.index.json: has 'b' in nix.safetensors" + end);
        index("{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"one.safetensors\",\"c\":\"two.safetensors\"}}");
        refused(folder, "model.safetensors.index.json: has 'a' in one.safetensors" + end);
        assertThatThrownBy(() -> Checkpoint.missing(folder)).isInstanceOf(SafetensorsFormatException.class);
        write("other.safetensors", "x");
        index("{\"weight_map\":{" + named + ",\"b\":\"model-00001-of-00002.safetensors\",\"d\":\"nix.safetensors\"}}");
        assertThat(Checkpoint.missing(folder)).containsExactly("nix.safetensors");
    }

    @Test
    void anEmptyFolderOrAnotherKindIsNamed() throws Exception {
        refusedFolder("an empty folder");
        Files.createFile(folder.resolve("model.safetensors.incomplete"));
        refusedFolder("a folder without *.safetensors");
        Files.createFile(folder.resolve("pytorch_model.bin"));
        refusedFolder("a folder without *.safetensors; in it is 'pytorch_model.bin', which only PyTorch reads");
        Files.createFile(folder.resolve("m.gguf"));
        refusedFolder("a folder without *.safetensors; in it is the GGUF 'm.gguf'");
    }

    private void refusedFolder(String what) {
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessage(folder + ": not a regular file, but " + what);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.safetensors",
                "/x.safetensors",
                "..",
                "sub/x.safetensors",
                "..\\\\x.safetensors",
                "C:x.safetensors",
                "x\\u0000.safetensors",
                "x.bin"
            })
    void anIndexThatLeavesTheFolderIsRefused(String file) throws Exception {
        Path index = index("{\"weight_map\":{\"a\":\"" + file + "\"}}");

        assertThatThrownBy(() -> Checkpoint.open(index))
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessageStartingWith(index + ": the file of 'a' is '")
                .hasMessageEndingWith("', expected the name of a file in the same folder; download it again");
    }

    @Test
    void anIndexThatIsNoneIsRefused() throws Exception {
        String name = "model.safetensors.index.json: ";
        refused(index("{\"weight_map\":{}}"), name + "no weight_map of tensors to files; download it again");
        refused(
                index("{\"weight_map\":{\"a\":1}}"),
                name + "the file of 'a' is no text, expected the name of a file in the same folder; download it again");
        refused(index("[]"), name + "not a JSON object; download it again");
        refused(index(""), name + "an empty file; is the download complete?");
        refused(index("{\"weight_map\""), name + "not JSON: column 14: expected ':', found the end; download it again");
        refused(
                index("version https://git-lfs.github.com/spec/v1\nsize 5\n"),
                name + "a Git LFS pointer to the file of 5 bytes, not the file itself; download that (git lfs pull)");
    }

    @Test
    void anIndexAgreesWithTheHeaders() throws Exception {
        write("one.safetensors", "a", "c");
        write("two.safetensors", "b");
        index("{\"weight_map\":{\"a\":\"two.safetensors\",\"b\":\"two.safetensors\",\"c\":\"one.safetensors\"}}");

        refused(
                folder,
                "model.safetensors.index.json: does not agree with the files (2 differences): 'a' is in"
                        + " one.safetensors, but not by the index; 'a' is not in two.safetensors, where the index has"
                        + " it; download the index and the files again, all of one revision");
    }

    @Test
    void readsTheConfigurationAsPythonWritesIt() throws Exception {
        Path file = write("model.safetensors", "a");
        Files.writeString(
                folder.resolve("config.json"),
                "{\"model_type\":\"mamba2\",\"time_step_limit\":[0.0,Infinity],\"text_config\":{\"n\":-Infinity}}");

        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(checkpoint.config().orElseThrow())
                    .isEqualTo(Map.of(
                            "model_type",
                            "mamba2",
                            "time_step_limit",
                            List.of(new JsonNumber("0.0"), Double.POSITIVE_INFINITY),
                            "text_config",
                            Map.of("n", Double.NEGATIVE_INFINITY)));
        }
        Files.writeString(folder.resolve("config.json"), "{\"a\":Infinite}");
        refused(folder, "config.json: not JSON: column 6: expected a value, found 'I'; download it again");
    }

    @Test
    void headersOfAllFilesTogetherAreBounded() throws Exception {
        String spaces = " ".repeat(11 << 20);
        for (int shard = 1; shard <= 2; shard++) {
            Files.write(
                    folder.resolve("model-0000" + shard + "-of-00002.safetensors"),
                    SafetensorsBytes.file(("{}" + spaces).getBytes(UTF_8), 0));
        }

        refused(
                folder,
                "model-00002-of-00002.safetensors: the headers of the files so far, together of 23068692 bytes,"
                        + " expected at most 20971520; java -Dexpo.gguf.max.header.mib=32 allows more");
    }

    @Test
    void aFileThatChangesWhileItIsReadIsNamed() throws Exception {
        Path file = write("model.safetensors", "a", "b");
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            checkpoint.checkUnchanged();
            checkpoint.checkUnchangedAfter(new IllegalStateException());
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(channel.size() - 8);
            }
            SafetensorsTensor last = checkpoint.tensors().get("b");
            assertThatThrownBy(() -> checkpoint.read(last, 0, MemorySegment.ofArray(new byte[8])))
                    .isInstanceOf(EOFException.class)
                    .hasMessageStartingWith(file + ": tensor 'b': the file ends at byte ");
            assertThatThrownBy(checkpoint::checkUnchanged)
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("changed while it was in use: it has ");
            Throwable failure = new IllegalStateException();
            assertThatThrownBy(() -> checkpoint.checkUnchangedAfter(failure))
                    .isInstanceOf(FileSystemException.class)
                    .hasSuppressedException(failure);
        }
    }

    @Test
    void anInterruptStopsNoReading() throws Exception {
        try (Checkpoint checkpoint = Checkpoint.open(write("model.safetensors", "a"))) {
            byte[] bytes = new byte[8];
            Thread.currentThread().interrupt();
            checkpoint.read(checkpoint.tensors().get("a"), 0, MemorySegment.ofArray(bytes));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(bytes).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        }
    }

    /** @param message behind the folder, which says whose file it is */
    private void refused(Path path, String message) {
        assertThatThrownBy(() -> Checkpoint.open(path))
                .isInstanceOf(SafetensorsFormatException.class)
                .hasMessage(folder + "/" + message);
    }
}
