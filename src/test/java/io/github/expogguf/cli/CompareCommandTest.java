package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TinyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("native")
class CompareCommandTest {

    private static final Path SFT = DemoFiles.SFT;
    private static final Path ALIGNED = DemoFiles.ALIGNED;

    @TempDir
    Path directory;

    @Test
    void showsLayersAndKinds() {
        Ran ran = Ran.run("compare", "--sft", SFT, "--aligned", ALIGNED);
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out())
                .startsWith("guide-dpo-20-f16.gguf - guide-sft-f16.gguf" + System.lineSeparator() + "  plausible: ")
                .containsPattern("(?m)^blk\\.2 +590,336 ")
                .containsPattern("(?m)^ffn_down\\.weight +393,216 ")
                .containsPattern("(?m)^all +2,033,408 ");
    }

    @Test
    void showsEveryTensorOnRequest() {
        Ran ran = Ran.run("compare", "--sft", SFT, "--aligned", ALIGNED, "--tensors");
        assertThat(ran.out())
                .containsPattern("(?m)^blk\\.0\\.attn_v\\.weight +F16 ")
                .containsPattern("(?m)^tensor .* rank 1$");
        assertThat(ran.out().lines().filter(line -> line.contains("F16") || line.contains("F32")))
                .hasSize(30);
        assertThat(ran.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(ran.out().lines().filter(line -> line.startsWith("blk.0.attn_v.weight ")))
                .as("the other columns stand below")
                .hasSize(2);
    }

    @Test
    void printsTheSameNumbersForAnyNumberOfThreads() {
        String one = Ran.run("compare", "--sft", SFT, "--aligned", ALIGNED, "--json", "-t", "1")
                .out();
        String several = Ran.run("compare", "--sft", SFT, "--aligned", ALIGNED, "--json", "-t", "5")
                .out();
        assertThat(several).isEqualTo(one);
    }

    @Test
    void printsADocument() {
        JsonObject document =
                Ran.run("compare", "--sft", SFT, "--aligned", ALIGNED, "--json").json();
        assertThat(document.get("schema").getAsString()).isEqualTo("expo-gguf/compare/1");
        assertThat(document.getAsJsonArray("tensors")).hasSize(30);
        assertThat(document.getAsJsonArray("remarks")
                        .get(0)
                        .getAsJsonObject()
                        .get("weight")
                        .getAsString())
                .isEqualTo("note");
        assertThat(document.getAsJsonObject("all").get("weights").getAsLong()).isEqualTo(2_033_408);
    }

    @Test
    void saysWhatIsWrongWithModelsThatAreNoPair() throws IOException {
        TinyPair tiny = TinyPair.write(directory);
        Ran ran = Ran.run("compare", "--sft", SFT, "--aligned", tiny.aligned());
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out())
                .contains("  wrong: not a pair: llama.block_count: the SFT model has 3,")
                .doesNotContain("plausible");
    }

    @Test
    void writesAPageAndNeverOverAnother() throws IOException {
        Path page = directory.resolve("delta.html");
        assertThat(Ran.run("compare", "--sft", SFT, "--aligned", ALIGNED, "--html", page)
                        .exitCode())
                .isZero();
        assertThat(Files.readString(page))
                .startsWith("<!DOCTYPE html>")
                .containsPattern("title=\"blk\\.1\\.ffn_down\\.weight: 0\\.32\\d\\d %\">0\\.33</td>")
                .contains("<h1>Delta of guide-dpo-20-f16.gguf (aligned) \u2212 guide-sft-f16.gguf (SFT)</h1>")
                .doesNotContain("http://", "https://", "<script");
        Ran again = Ran.run("compare", "--sft", SFT, "--aligned", ALIGNED, "--html", page);
        assertThat(again.exitCode()).isEqualTo(ExitCode.IO.code());
        assertThat(again.err()).contains("exists already; --force replaces it");
        assertThat(Ran.run("compare", "--sft", SFT, "--aligned", ALIGNED, "--html", page, "--force")
                        .exitCode())
                .isZero();
    }

    @Test
    void filesOfTheSameNameAreToldApartByTheirFolders() throws IOException {
        Path sft = Files.createDirectories(directory.resolve("sft/gguf")).resolve("model.gguf");
        Path aligned = Files.createDirectories(directory.resolve("dpo/gguf")).resolve("model.gguf");
        TinyPair tiny = TinyPair.write(directory);
        Files.copy(tiny.sft(), sft);
        Files.copy(tiny.aligned(), aligned);
        Path page = directory.resolve("delta.html");

        Ran ran = Ran.run("compare", "--sft", sft, "--aligned", aligned, "--html", page);

        String name = Path.of("gguf", "model.gguf").toString();
        assertThat(ran.out())
                .startsWith(
                        Path.of("dpo").resolve(name) + " - " + Path.of("sft").resolve(name) + System.lineSeparator());
        assertThat(Files.readString(page))
                .contains("<h1>Delta of " + Path.of("dpo").resolve(name) + " (aligned) \u2212 "
                        + Path.of("sft").resolve(name) + " (SFT)</h1>");
    }

    @Test
    void namesWhatIsAddedToTheModel() {
        Path adapter = directory.resolve("lora.gguf");
        assertThat(Ran.run("export-lora", "--sft", SFT, "--aligned", ALIGNED, "--rank", "2", "-o", adapter)
                        .exitCode())
                .isZero();
        String model = SFT.getFileName().toString();

        assertThat(Ran.run("compare", "--sft", SFT, "--adapter", adapter + "=0.5")
                        .out())
                .startsWith(model + " + 0.5 * lora.gguf - " + model + System.lineSeparator());
    }
}
