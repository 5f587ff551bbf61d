package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.imatrix.ImatrixReader;
import io.github.expogguf.testing.DemoFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImatrixCommandTest {

    @TempDir
    private Path directory;

    private Path text;

    @BeforeEach
    void writeText() throws IOException {
        text = Files.writeString(
                directory.resolve("text.txt"), DemoFiles.calibrationText().substring(0, 8000));
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private static Ran run(List<Object> first, Object... more) {
        return Ran.run(Stream.concat(first.stream(), Stream.of(more)).toArray());
    }

    private static List<Object> pair(String command) {
        return List.of(command, "--sft", DemoFiles.SFT, "--aligned", DemoFiles.ALIGNED, "--alpha", "0.5");
    }

    /** The file of the pair is that of the model which is written in the types of the aligned model. */
    @Test
    void thePairInMemoryHasTheMatrixOfTheModelInAFile() throws IOException {
        Ran ran = run(pair("imatrix"), "--text", text, "-o", file("pair.gguf"));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out())
                .startsWith(file("pair.gguf").toString())
                .contains("the inputs of 21 tensors over ")
                .contains("of 512 tokens of")
                .contains("text.txt");
        assertThat(run(pair("extrapolate"), "-o", file("model.gguf")).exitCode())
                .isZero();
        Ran again = Ran.run("imatrix", "-m", file("model.gguf"), "--text", text, "-o", file("file.gguf"), "--json");
        assertThat(file("file.gguf")).hasSameBinaryContentAs(file("pair.gguf"));
        JsonObject json = JsonParser.parseString(again.out()).getAsJsonObject();
        assertThat(json.get("sha256").getAsString())
                .isEqualTo(ImatrixReader.read(file("file.gguf"))
                        .source()
                        .orElseThrow()
                        .sha256());
        assertThat(json.get("tensors").getAsInt()).isEqualTo(21);
        assertThat(json.get("bytes").getAsLong()).isEqualTo(Files.size(file("file.gguf")));
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("text.txt", "pair.gguf", "model.gguf", "file.gguf");
        }
    }

    /** One step is as good as two, and verify computes every byte of it again. */
    @Test
    void extrapolatingWithATextIsExtrapolatingWithItsMatrix() {
        run(pair("imatrix"), "--text", text, "-o", file("imatrix.gguf"));
        Ran two =
                run(pair("extrapolate"), "--imatrix", file("imatrix.gguf"), "--type", "IQ2_S", "-o", file("two.gguf"));
        assertThat(two.exitCode()).as(two.err()).isZero();
        Ran one = run(pair("extrapolate"), "--imatrix-text", text, "--type", "IQ2_S", "-o", file("one.gguf"));
        assertThat(one.exitCode()).as(one.err()).isZero();
        assertThat(one.err()).contains("note: the importance matrix is of ").contains("--save-imatrix FILE keeps it");
        assertThat(file("one.gguf")).hasSameBinaryContentAs(file("two.gguf"));

        Ran saving = run(
                pair("extrapolate"),
                "--imatrix-text",
                text,
                "--save-imatrix",
                file("saved.gguf"),
                "--type",
                "IQ2_S",
                "-o",
                file("saving.gguf"));
        assertThat(saving.exitCode()).as(saving.err()).isZero();
        assertThat(file("saved.gguf")).hasSameBinaryContentAs(file("imatrix.gguf"));
        Ran verified = Ran.run(
                "verify",
                file("saving.gguf"),
                "--sft",
                DemoFiles.SFT,
                "--aligned",
                DemoFiles.ALIGNED,
                "--imatrix",
                file("saved.gguf"));
        assertThat(verified.exitCode()).as(verified.out()).isZero();
        assertThat(verified.out()).contains("recomputation: ok");
        Ran without = Ran.run("verify", file("one.gguf"), "--sft", DemoFiles.SFT, "--aligned", DemoFiles.ALIGNED);
        assertThat(without.out()).contains("made with an importance matrix (imatrix.gguf, of text.txt)");
    }

    @Test
    void anEmptyTextIsRefusedByThatName() throws IOException {
        for (String content : List.of("", " \n\n")) {
            Path empty = Files.writeString(file("empty.txt"), content);
            List.of(
                            run(List.of("imatrix", "-m", DemoFiles.SFT), "--text", empty, "-o", file("out.gguf")),
                            run(
                                    pair("extrapolate"),
                                    "--imatrix-text",
                                    empty,
                                    "--type",
                                    "Q4_K_M",
                                    "-o",
                                    file("out.gguf")))
                    .forEach(ran -> {
                        assertThat(ran.exitCode()).isEqualTo(3);
                        assertThat(ran.err())
                                .contains("empty.txt: the text is empty: there is nothing to compute importances from")
                                .doesNotContain("download");
                    });
            assertThat(run(pair("extrapolate"), "--target-text", empty, "--target-bpw", "5", "-o", file("out.gguf"))
                            .err())
                    .contains("empty.txt: the text is empty, expected at least 256 tokens")
                    .doesNotContain("download");
            assertThat(run(List.of("eval", "-m", DemoFiles.SFT), "--text", empty)
                            .err())
                    .contains("empty.txt: the text is empty, expected at least 512 tokens (one chunk)");
        }
        assertThat(file("out.gguf")).doesNotExist();
    }

    @Test
    void aTextInThePlaceOfAnImportanceMatrixIsNamed() {
        Ran ran = run(pair("extrapolate"), "--imatrix", text, "--type", "Q4_K_M", "-o", file("out.gguf"));
        assertThat(ran.exitCode()).isEqualTo(3);
        assertThat(ran.err())
                .contains("text.txt: neither a GGUF file nor an imatrix: begins with '")
                .contains("; it is text: --imatrix-text computes an importance matrix from it; --imatrix takes"
                        + " an importance matrix, as llama-imatrix writes it");
        Ran reversed =
                run(pair("extrapolate"), "--imatrix-text", DemoFiles.SFT, "--type", "Q4_K_M", "-o", file("out.gguf"));
        assertThat(reversed.err())
                .contains("it is a model: --sft, --aligned or -m takes it; --imatrix-text takes a text");
    }

    @Test
    void everyAlphaHasAMatrixOfItsOwn() throws IOException {
        Ran ran = Ran.run(
                "extrapolate",
                "--sft",
                DemoFiles.SFT,
                "--aligned",
                DemoFiles.ALIGNED,
                "--alpha",
                "0,0.5",
                "--type",
                "Q4_K_M",
                "--imatrix-text",
                text,
                "-o",
                file("{alpha}.gguf"));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(digest(file("0.gguf"))).isNotEqualTo(digest(file("0.5.gguf")));
    }

    private static String digest(Path model) throws IOException {
        try (GgufModel opened = GgufModel.open(model)) {
            return opened.header().metadata().string("expo.imatrix.sha256").orElseThrow();
        }
    }

    @Test
    void quantizesWithATextAndForASize() {
        run(List.of("imatrix", "-m", DemoFiles.ALIGNED), "--text", text, "-o", file("imatrix.gguf"));
        List<Object> quantize =
                List.of("quantize", "-m", DemoFiles.ALIGNED, "--target-size", "1M", "--target-types", "Q4_K,IQ2_XXS");
        assertThat(run(quantize, "--imatrix", file("imatrix.gguf"), "-o", file("two.gguf"))
                        .exitCode())
                .isZero();
        Ran one = run(quantize, "--imatrix-text", text, "-o", file("one.gguf"));
        assertThat(one.exitCode()).as(one.err()).isZero();
        assertThat(file("one.gguf")).hasSameBinaryContentAs(file("two.gguf"));
    }

    @Test
    void refusesBeforeAnythingIsComputed() throws IOException {
        Files.writeString(file("there.gguf"), "precious");
        assertRefused(
                run(pair("imatrix"), "--text", text, "-o", file("there.gguf")),
                5,
                "exists already; --force replaces it");
        assertRefused(
                run(pair("extrapolate"), "--imatrix-text", text, "-o", file("there.gguf")),
                5,
                "exists already; --force replaces it");
        assertThat(file("there.gguf")).hasContent("precious");
        assertRefused(
                run(pair("imatrix"), "--text", Files.writeString(file("short.txt"), "hello"), "-o", file("o.gguf")),
                3,
                "short.txt: the text has ");
        assertRefused(run(pair("imatrix"), "-o", file("o.gguf")), 2, "missing required option: '--text=FILE'");
        assertRefused(
                Ran.run(
                        "imatrix",
                        "--sft",
                        DemoFiles.SFT,
                        "--aligned",
                        DemoFiles.ALIGNED,
                        "--alpha",
                        "0,1",
                        "--text",
                        text,
                        "-o",
                        file("o.gguf")),
                2,
                "an importance matrix is of one model: give one --alpha");
        assertRefused(
                run(pair("imatrix"), "--text", text, "--chunk", "8", "-o", file("o.gguf")),
                2,
                "--chunk is 8, expected 16 to 1048576");
        assertRefused(
                run(pair("extrapolate"), "--save-imatrix", file("s.gguf"), "-o", file("o.gguf")),
                2,
                "--save-imatrix keeps what --imatrix-text computes");
        assertRefused(
                run(pair("extrapolate"), "--imatrix", file("s"), "--imatrix-text", text, "-o", file("o.gguf")),
                2,
                "--imatrix-text computes what --imatrix reads: give one of them");
        assertRefused(run(pair("imatrix"), "--text", text, "-o", text), 2, "the output is one of the inputs (--text ");
        assertThat(file("o.gguf")).doesNotExist();
    }

    private static void assertRefused(Ran ran, int exitCode, String message) {
        assertThat(ran.err()).contains(message);
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(exitCode);
    }
}
