package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.report.LoraReportText;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.run.lora.LoraReport;
import io.github.expogguf.testing.DemoFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("native")
class ExportLoraCommandTest {

    private static final Path SFT = DemoFiles.SFT;
    private static final Path ALIGNED = DemoFiles.ALIGNED;

    @TempDir
    Path directory;

    private Ran export(Object rank, Object... more) {
        Object[] words = {
            "export-lora", "--sft", SFT, "--aligned", ALIGNED, "--rank", rank, "-o", directory.resolve("lora.gguf")
        };
        return Ran.run(Stream.concat(Stream.of(words), Stream.of(more)).toArray());
    }

    @Test
    void saysHowMuchOfTheDeltaItKeeps() {
        Ran ran = export(8);
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err())
                .matches("expo-gguf: note: rank 8 keeps \\d\\d\\.\\d % of the delta's energy; a higher --rank"
                        + " keeps more, 'extrapolate' all\\R");
        assertThat(ran.out())
                .startsWith(directory.resolve("lora.gguf").toString())
                .containsPattern("(?m)^  23 tensors with factors, 7 left out with 0\\.\\d % of the energy, 0 identical")
                .containsPattern("(?m)^ffn_down\\.weight +3 ")
                .containsPattern("(?m)^left out: a vector: 0\\.\\d %$");
    }

    @Test
    void isSilentWhereTheRankHoldsTheDelta() {
        assertThat(export(32).err()).isEmpty();
    }

    @Test
    void printsADocument() {
        JsonObject document = export(4, "--json", "--type", "f32").json();
        assertThat(document.get("schema").getAsString()).isEqualTo("expo-gguf/export-lora/1");
        assertThat(document.get("rank").getAsInt()).isEqualTo(4);
        assertThat(document.get("keptShare").getAsDouble()).isBetween(0.1, 0.8);
        assertThat(document.getAsJsonArray("tensors")).hasSize(23);
        assertThat(document.getAsJsonArray("leftOut")).hasSize(7);
        assertThat(document.getAsJsonArray("warnings")).hasSize(1);
        assertThat(document.get("bytes").getAsLong())
                .isEqualTo(directory.resolve("lora.gguf").toFile().length());
    }

    @Test
    void keepsWhatIsThereUnlessForced() {
        assertThat(export(2).exitCode()).isZero();
        Ran again = export(2);
        assertThat(again.exitCode()).isEqualTo(ExitCode.IO.code());
        assertThat(again.err()).contains("lora.gguf: exists already; --force replaces it");
        assertThat(export(2, "--force").exitCode()).isZero();
    }

    /** As --type does elsewhere. */
    @Test
    void typesMayBeNumbers() {
        assertThat(export(4, "--type", "7").exitCode()).isZero();
        assertThat(Ran.run("inspect", "--no-metadata", directory.resolve("lora.gguf"))
                        .out())
                .contains("lora_a", " Q8_0 ");
    }

    @Test
    void refusesWhatItCannotWrite() {
        assertThat(export(0).exitCode()).isEqualTo(2);
        assertThat(export(0).err()).contains("rank 0, expected 1 to 4096");
        assertThat(export(4, "--type", "Q4_K").err()).contains("factors of type Q4_K, expected F32, F16, BF16 or Q8_0");
        assertThat(export(4, "--type", "x").err()).contains("--type x: expected F32, F16, BF16 or Q8_0");
        assertThat(Files.exists(directory.resolve("lora.gguf"))).isFalse();
    }

    private static LoraReport report(double kept, double leftOut) {
        return new LoraReport(
                Path.of("x"),
                1,
                4,
                List.of(new LoraReport.Factored("blk.0.ffn_up.weight", new Shape(2, 2), 1 - leftOut, kept)),
                List.of(new LoraReport.LeftOut("token_embd.weight", "why", leftOut)),
                List.of(),
                1,
                1,
                1);
    }

    @Test
    void warnsOfWhatAnAdapterCannotHold() {
        assertThat(LoraReportText.warnings(report(0.9, 0.1)))
                .containsExactly(
                        "10.0 % of the delta's energy lies in tensors that an adapter cannot change; 'extrapolate' changes all");
        assertThat(LoraReportText.warnings(report(0.97, 0.03))).isEmpty();
        assertThat(LoraReportText.warnings(report(0.5, 0.1))).hasSize(2);
    }
}
