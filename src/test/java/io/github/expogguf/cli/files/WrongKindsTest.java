package io.github.expogguf.cli.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every option that takes a file with every kind of file that it does not take: the error says what takes that. */
class WrongKindsTest {

    private static final Path FOLDERS = Path.of("src/test/resources/folders");
    private static final String FILE = "FILE";
    private static final String SFT = DemoFiles.SFT.toString();
    private static final String ALIGNED = DemoFiles.ALIGNED.toString();

    @TempDir
    static Path directory;

    private static final Map<FileKind, List<Path>> FILES = new LinkedHashMap<>();

    @BeforeAll
    static void writeFiles() throws IOException {
        TinyModel model = TinyModels.llama(TinyModels.Sizes.of(1, 64, 64, 2, 1));
        FILES.put(FileKind.MODEL, List.of(DemoFiles.SFT));
        FILES.put(
                FileKind.LORA,
                List.of(write(
                        "lora.gguf",
                        model.with("general.type", MetadataValue.ofString("adapter"))
                                .with("adapter.type", MetadataValue.ofString("lora")))));
        FILES.put(
                FileKind.PROJECTOR,
                List.of(write("mmproj.gguf", model.with("general.type", MetadataValue.ofString("mmproj")))));
        FILES.put(
                FileKind.IMATRIX,
                List.of(write("imatrix.gguf", model.with("general.type", MetadataValue.ofString("imatrix")))));
        FILES.put(FileKind.SAFETENSORS, List.of(FOLDERS.resolve("llama/sft/model.safetensors")));
        FILES.put(FileKind.FOLDER, List.of(FOLDERS.resolve("llama/sft")));
        FILES.put(FileKind.PEFT_FOLDER, List.of(FOLDERS.resolve("adapters/llama_plain")));
        Path factors = Files.createDirectory(directory.resolve("factors"));
        FILES.put(
                FileKind.PEFT_WITHOUT_CONFIG,
                List.of(
                        factors,
                        Files.copy(
                                FOLDERS.resolve("adapters/llama_plain/adapter_model.safetensors"),
                                factors.resolve("adapter_model.safetensors"))));
        FILES.put(
                FileKind.PART_OF_FOLDER,
                List.of(
                        FOLDERS.resolve("llama/sft/config.json"),
                        FOLDERS.resolve("llama_shards/sft/model.safetensors.index.json"),
                        Files.writeString(directory.resolve("tokenizer.json"), "{\"version\": \"1.0\"}")));
        FILES.put(FileKind.VOCABULARY, List.of(write("vocabulary.gguf", model.select(_ -> false))));
        FILES.put(
                FileKind.WEB_PAGE,
                List.of(Files.writeString(directory.resolve("page.gguf"), "<!DOCTYPE html><html>sign in</html>")));
        FILES.put(FileKind.GGUF_FOLDER, List.of(directory));
        FILES.put(
                FileKind.TEXT,
                List.of(
                        Files.writeString(directory.resolve("p.jsonl"), "{\"prompt\": \"Hi\"}\n"),
                        Files.writeString(directory.resolve("some.json"), "{}"),
                        Files.writeString(directory.resolve("some.txt"), "Hello!\n")));
        Path pickle = Files.createDirectory(directory.resolve("pickle"));
        FILES.put(
                FileKind.PYTORCH,
                List.of(
                        Files.writeString(pickle.resolve("pytorch_model.bin"), "PK\u0003\u0004...."),
                        Files.writeString(directory.resolve("model.pt"), "PK\u0003\u0004...."),
                        pickle));
        FILES.put(
                FileKind.ARCHIVE,
                List.of(
                        Files.writeString(directory.resolve("model.zip"), "PK\u0003\u0004...."),
                        Files.writeString(directory.resolve("model.tar"), "a" + "\0".repeat(256) + "ustar")));
        FILES.put(FileKind.EMPTY_FOLDER, List.of(Files.createDirectory(directory.resolve("empty"))));
        FILES.put(FileKind.OTHER, List.of(Files.writeString(directory.resolve("program"), "\u007fELF\u0002")));
    }

    private static Path write(String name, TinyModel model) {
        return model.write(directory.resolve(name), TensorValues.random(1));
    }

    private static String hint(FileKind kind) {
        return kind == FileKind.MODEL ? "it is a model: --sft, --aligned or -m takes it" : kind.hint();
    }

    @Test
    void kindsAreKnown() {
        FILES.forEach((kind, files) -> assertThat(files)
                .allSatisfy(file -> assertThat(FileProbe.look(file).kind()).isEqualTo(kind)));
    }

    private static Ran run(String command, Path file) {
        return Ran.run(Stream.of(command.split(" "))
                .map(word -> word.equals("SFT") ? SFT : word.equals("ALIGNED") ? ALIGNED : word)
                .map(word -> word.replace("SFT,", SFT + ",").replace(FILE, file.toString()))
                .toArray());
    }

    private void assertHints(String command, Set<FileKind> right) {
        FILES.forEach((kind, files) -> files.forEach(file -> {
            if (!right.contains(kind)) {
                Ran ran = run(command, file);
                assertThat(ran.exitCode()).as(command + " " + file).isNotZero();
                assertThat(ran.err()).as(command + " " + file).contains(hint(kind));
            }
        }));
    }

    /** What leads to a model is left out where none is taken. */
    private void assertHintsOf(String command, Set<FileKind> right, String taken) {
        FILES.forEach((kind, files) -> files.forEach(file -> {
            if (!right.contains(kind)) {
                Ran ran = run(command, file);
                String what = kind.what().equals(kind.hint()) ? hint(kind) : kind.what();
                assertThat(ran.exitCode()).as(command + " " + file).isNotZero();
                assertThat(ran.err())
                        .as(command + " " + file)
                        .contains(what + "; " + taken)
                        .doesNotContain("name the folder", "the model is another file");
            }
        }));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plan --sft FILE --aligned ALIGNED",
                "plan --sft SFT --aligned FILE",
                "extrapolate --sft SFT --aligned=FILE --dry-run",
                "export-lora --sft FILE --aligned ALIGNED -o none.gguf",
                "plan --sft SFT --aligned ALIGNED --delta SFT,FILE,0.5",
            })
    void modelsAreWanted(String command) {
        assertHints(command, Set.of(FileKind.MODEL, FileKind.FOLDER, FileKind.SAFETENSORS));
    }

    @Test
    void theTemplateIsAModel() {
        String folder = FOLDERS.resolve("llama/sft").toString();
        assertHintsOf(
                "plan --sft " + folder + " --aligned " + FOLDERS.resolve("llama/aligned") + " --like FILE",
                Set.of(FileKind.MODEL),
                "--like takes a GGUF of the same model");
    }

    /** What is wrong with the tensors of another kind of file follows from that. */
    @Test
    void theKindComesFirst() throws IOException {
        Path lora = FILES.get(FileKind.LORA).getFirst();
        Path imatrix = FILES.get(FileKind.IMATRIX).getFirst();
        String folders = "plan --sft " + FOLDERS.resolve("llama/sft") + " --aligned " + FOLDERS.resolve("llama/aligned")
                + " --like FILE";
        String like = "; --like takes a GGUF of the same model\n";

        assertThat(run(folders, lora).err()).isEqualTo("expo-gguf: error: lora.gguf: " + FileKind.LORA.hint() + like);
        assertThat(run(folders, imatrix).err())
                .isEqualTo("expo-gguf: error: imatrix.gguf: " + FileKind.IMATRIX.hint() + like);
        assertThat(run("plan --sft SFT --aligned FILE", lora).err())
                .isEqualTo("expo-gguf: error: lora.gguf: " + FileKind.LORA.hint() + "\n");
        Path text = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\": \"Hi\"}\n");
        assertThat(run(folders, text).err()).contains("expected 'GGUF'").endsWith("; it is text" + like);
    }

    /** A file, what it is and what to do, each once. */
    @Test
    void hintsAreGivenOnce() {
        for (FileKind kind : List.of(FileKind.PYTORCH, FileKind.EMPTY_FOLDER, FileKind.FOLDER, FileKind.GGUF_FOLDER)) {
            Path folder = FILES.get(kind).getLast();
            String name = folder.getFileName() + ":";
            if (kind != FileKind.FOLDER) {
                assertThat(run("plan --sft FILE --aligned ALIGNED", folder).err())
                        .containsOnlyOnce(name)
                        .containsOnlyOnce(kind.hint());
            }
            String like = "plan --sft " + FOLDERS.resolve("llama/sft") + " --aligned "
                    + FOLDERS.resolve("llama/aligned") + " --like FILE";
            assertThat(run(like, folder).err()).containsOnlyOnce(name).containsOnlyOnce(kind.what());
        }
        Path zip = FILES.get(FileKind.ARCHIVE).getFirst();
        Path tar = FILES.get(FileKind.ARCHIVE).getLast();
        assertThat(Ran.run("plan", "--sft", zip, "--aligned", tar, "--tpye", "F32")
                        .err())
                .contains("--type? model.zip, model.tar: " + FileKind.ARCHIVE.hint() + "\n")
                .containsOnlyOnce(FileKind.ARCHIVE.hint());
    }

    @Test
    void anEmptyWordIsNoFile() {
        assertThat(Ran.run("plan", "--sft", SFT, "--aligned", ALIGNED, "--alpha", "")
                        .err())
                .contains("''")
                .doesNotContain("folder");
    }

    @Test
    void adaptersAreWanted() {
        String taken = "--adapter takes a LoRA adapter, as GGUF or as the folder of PEFT";
        Set<FileKind> right = Set.of(FileKind.LORA, FileKind.PEFT_FOLDER, FileKind.PEFT_WITHOUT_CONFIG);
        assertHintsOf("plan --sft SFT --adapter FILE", right, taken);
        assertHintsOf("plan --sft SFT --adapter FILE=0.5", right, taken);
    }

    /** What it is and what is missing, once. */
    @Test
    void anAdapterWithoutItsConfigurationIsNamed() {
        FILES.get(FileKind.PEFT_WITHOUT_CONFIG).forEach(file -> {
            assertThat(run("plan --sft SFT --adapter FILE", file).err())
                    .isEqualTo("expo-gguf: error: " + file + ": no adapter_config.json, which PEFT writes beside the"
                            + " factors of an adapter and which says how they are scaled; download it, too, into the same"
                            + " folder\n");
            assertThat(run("plan --sft SFT --aligned FILE", file).err())
                    .contains(file
                            + ": it is a PEFT adapter without adapter_config.json, which says how its factors are ")
                    .containsOnlyOnce("adapter_config.json")
                    .doesNotContain("folder of a Hugging Face model");
        });
    }

    @Test
    void importancesAreWanted() {
        assertHintsOf(
                "plan -m SFT --type IQ2_XXS --imatrix FILE",
                Set.of(FileKind.IMATRIX, FileKind.TEXT), // --imatrix-text takes it
                "--imatrix takes an importance matrix, as llama-imatrix writes it");
    }

    @Test
    void whatIsNoSoundFileIsNamedByVerify() {
        for (FileKind kind : List.of(FileKind.WEB_PAGE, FileKind.PART_OF_FOLDER, FileKind.SAFETENSORS)) {
            Ran ran = run("verify FILE", FILES.get(kind).getFirst());
            assertThat(ran.exitCode()).isEqualTo(7);
            assertThat(ran.out().replaceAll("\\s+", " ")).contains(kind.hint());
        }
        assertThat(run("verify FILE --json", FILES.get(FileKind.WEB_PAGE).getFirst())
                        .out())
                .contains("\"hint\": \"it is a web page");
    }

    /** A vocabulary has nothing to compare, which is no error; other kinds are in the wrong place. */
    @Test
    void whatIsNoModelIsNamedByCompare() {
        Ran vocabulary = run(
                "compare --sft SFT --aligned FILE",
                FILES.get(FileKind.VOCABULARY).getFirst());
        assertThat(vocabulary.exitCode()).isZero();
        assertThat(vocabulary.err()).contains("expo-gguf: warning: ", FileKind.VOCABULARY.hint());
        for (FileKind kind : List.of(FileKind.IMATRIX, FileKind.LORA)) {
            Path file = FILES.get(kind).getFirst();
            Ran ran = run("compare --sft SFT --aligned FILE", file);
            assertThat(ran.exitCode()).isEqualTo(4);
            assertThat(ran.err()).isEqualTo("expo-gguf: error: " + file.getFileName() + ": " + kind.hint() + "\n");
            assertThat(ran.out()).isEmpty();
        }
        assertThat(run("compare --sft SFT --aligned ALIGNED", directory).err()).doesNotContain("warning");
    }

    /** llama.cpp, which would say what such files lack, never sees them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "chat -m FILE",
                "chat FILE",
                "chat -m FILE --type Q8_0",
                "prompt -m FILE hello",
                "eval -m FILE --text src/demo/prompts.jsonl",
                "generate -m FILE --prompts src/demo/prompts.jsonl -o none.jsonl",
                "imatrix -m FILE --text src/demo/prompts.jsonl -o none.gguf",
            })
    void modelsAloneAreLoaded(String command) {
        for (FileKind kind : List.of(FileKind.LORA, FileKind.IMATRIX, FileKind.PROJECTOR)) {
            Path file = FILES.get(kind).getFirst();
            Ran ran = run(command, file);

            assertThat(ran.exitCode()).as(ran.err()).isEqualTo(3);
            assertThat(ran.err())
                    .hasLineCount(1)
                    .startsWith("expo-gguf: error: " + file.getFileName() + ": general.type is ")
                    .contains(", expected a model; it is a")
                    .containsOnlyOnce(file.getFileName().toString())
                    .doesNotContain("llama.cpp", "--aligned");
        }
        assertThat(run(command, FILES.get(FileKind.LORA).getFirst()).err())
                .contains(
                        "it is a LoRA adapter, which needs the model that it was trained on: ",
                        "--sft MODEL --adapter ADAPTER");
    }

    /** Projectors of images and vocabularies are quantized by llama-quantize, too. */
    @Test
    void quantizesModelsAlone() {
        assertThat(run("quantize -m FILE --type Q8_0", FILES.get(FileKind.LORA).getFirst())
                        .err())
                .contains("'extrapolate' takes the two, --sft MODEL --adapter ADAPTER")
                .doesNotContain("--aligned");
        assertHints(
                "quantize -m FILE --type Q8_0 --dry-run",
                Set.of(
                        FileKind.LORA,
                        FileKind.PEFT_FOLDER,
                        FileKind.MODEL,
                        FileKind.FOLDER,
                        FileKind.SAFETENSORS,
                        FileKind.PROJECTOR,
                        FileKind.VOCABULARY));
        assertThat(Ran.run("plan", "-m", FILES.get(FileKind.LORA).getFirst()).err())
                .contains("warning: 'quantize' refuses this: lora.gguf: general.type is 'adapter', expected a model");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plan --sft SFT --aligned FILE --type F16",
                "plan --sft FILE --aligned ALIGNED --type F16",
                "export-lora --sft SFT --aligned FILE -o none.gguf",
            })
    void anAdapterInThePlaceOfAModelIsSaidOnce(String command) {
        for (Path adapter : List.of(FILES.get(FileKind.LORA).getFirst(), FOLDERS.resolve("adapters/llama_plain"))) {
            Ran ran = run(command, adapter);

            assertThat(ran.err())
                    .as(ran.err())
                    .hasLineCount(1)
                    .containsOnlyOnce("--adapter takes it, in the place of --aligned")
                    .doesNotContain("no model", "general.type");
            assertThat(ran.err().split("adapter: ")).as(ran.err()).hasSize(2);
        }
    }

    @Test
    void aModelInThePlaceOfAnAdapterIsSaidOnce() {
        String like = FOLDERS.resolve("llama/like.gguf").toString();
        for (Path model : List.of(DemoFiles.ALIGNED, FOLDERS.resolve("llama/aligned"))) {
            Ran ran = run("plan --sft " + like + " --adapter FILE", model);

            assertThat(ran.err())
                    .hasLineCount(1)
                    .containsOnlyOnce("it is ")
                    .containsOnlyOnce("; --adapter takes a LoRA adapter, as GGUF or as the folder of PEFT\n")
                    .doesNotContain("no adapter_model", "general.type", "not as an adapter");
        }
    }
}
