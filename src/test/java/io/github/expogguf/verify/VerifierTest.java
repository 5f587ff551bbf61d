package io.github.expogguf.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifierTest {

    private static final Optional<Ingredients<Path>> INPUTS =
            Optional.of(Ingredients.pair(DemoFiles.SFT, DemoFiles.ALIGNED));

    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    private Path file;

    @BeforeAll
    static void extrapolate() throws IOException {
        PlanOptions options = PlanOptions.builder()
                .alpha(1.5f)
                .fileType(FileType.Q4_K_M)
                .overrides(List.of(KeyValueOverride.parse("general.license=str:CC0")))
                .build();
        try (Extrapolator pair = Extrapolator.open(DemoFiles.SFT, DemoFiles.ALIGNED)) {
            pair.write(options, shared.resolve("out.gguf"), OutputOptions.defaults());
        }
    }

    @BeforeEach
    void copy() throws IOException {
        file = Files.copy(shared.resolve("out.gguf"), directory.resolve("out.gguf"));
    }

    private VerificationReport verify(Optional<Ingredients<Path>> inputs) throws IOException {
        VerifyOptions.Builder options = VerifyOptions.builder();
        inputs.ifPresent(options::inputs);
        return Verifier.verify(file, options.build(), WorkOptions.defaults());
    }

    private void flip(long offset) throws IOException {
        try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
            data.seek(offset);
            int value = data.read();
            data.seek(offset);
            data.write(value ^ 0x10);
        }
    }

    @Test
    void passesWhatItWrote() throws IOException {
        VerificationReport report = verify(INPUTS);
        assertThat(report.findings()).isEmpty();
        assertThat(report.recomputed()).isTrue();
        assertThat(report.tensors()).isEqualTo(30);
        assertThat(report.recipe().orElseThrow().alpha()).contains(1.5f);
    }

    @Test
    void looksAtTheFileAloneWhenThereAreNoInputs() throws IOException {
        VerificationReport report = verify(Optional.empty());
        assertThat(report.passed()).isTrue();
        assertThat(report.recomputed()).isFalse();
    }

    @Test
    void namesTheTensorAndTheRowThatChanged() throws IOException {
        GgufFile header = GgufReader.read(file);
        TensorInfo tensor = header.tensors().stream()
                .filter(candidate -> candidate.name().equals("blk.1.ffn_up.weight"))
                .findFirst()
                .orElseThrow();
        flip(header.fileOffset(tensor) + 5 * tensor.rowBytes() + 40);
        assertThat(verify(INPUTS).findings())
                .hasSize(2)
                .contains(new Finding("blk.1.ffn_up.weight", "differs from what the recipe gives, first in row 5"))
                .allSatisfy(finding -> assertThat(finding.tensor()).isEqualTo("blk.1.ffn_up.weight"))
                .first()
                .asString()
                .contains("data changed since it was written: CRC-32C ");
    }

    @Test
    void namesValuesThatAreNotFinite() throws IOException {
        GgufFile header = GgufReader.read(file);
        TensorInfo tensor = header.tensors().stream()
                .filter(candidate -> candidate.name().equals("output_norm.weight"))
                .findFirst()
                .orElseThrow();
        try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
            data.seek(header.fileOffset(tensor));
            data.writeInt(Integer.reverseBytes(0x7f80_0000));
        }
        assertThat(verify(Optional.empty()).findings())
                .contains(new Finding("output_norm.weight", "1 of 256 values are infinite or NaN"));
    }

    @Test
    void recognisesOtherInputs() throws IOException {
        Ingredients<Path> others = Ingredients.pair(DemoFiles.ALIGNED, DemoFiles.ALIGNED);
        VerificationReport report = verify(Optional.of(others));
        assertThat(report.recomputed()).isFalse();
        assertThat(report.findings()).singleElement().asString().contains("the SFT model is another");
    }

    @Test
    void namesTheFilesOfInputsThatAreOthersAndWhatTheyAre() throws IOException {
        Path third = directory.resolve("third.gguf");
        Files.copy(DemoFiles.DPO_100, third);

        assertThat(verify(Optional.of(Ingredients.pair(DemoFiles.ALIGNED, DemoFiles.SFT)))
                        .findings())
                .extracting(Finding::problem)
                .containsExactly(
                        "the SFT model and the aligned model are exchanged: guide-dpo-20-f16.gguf is the aligned"
                                + " model that the file was made from, guide-sft-f16.gguf the SFT model");
        assertThat(verify(Optional.of(Ingredients.pair(DemoFiles.ALIGNED, third)))
                        .findings())
                .extracting(Finding::problem)
                .satisfiesExactly(
                        sft -> assertThat(sft)
                                .startsWith("the SFT model is another than the file was made from: SHA-256 [")
                                .contains("] of guide-dpo-20-f16.gguf, recorded [")
                                .endsWith(
                                        "] of guide-sft-f16.gguf; guide-dpo-20-f16.gguf is the aligned model that it was"
                                                + " made from"),
                        aligned -> assertThat(aligned)
                                .startsWith("the aligned model is another than the file was made from: SHA-256 [")
                                .contains("] of third.gguf, recorded [")
                                .endsWith("] of guide-dpo-20-f16.gguf"));
    }

    @Test
    void saysThatInputsAreOthersWhateverElseIsWrong() throws IOException {
        Path noPair = TinyModels.llama(Sizes.of(2, 256, 256, 4, 2))
                .write(directory.resolve("other.gguf"), TensorValues.random(1));
        Path notFinite = Files.copy(DemoFiles.SFT, directory.resolve("nan.gguf"));
        GgufFile header = GgufReader.read(notFinite);
        TensorInfo last = header.tensors().getLast();
        try (RandomAccessFile data = new RandomAccessFile(notFinite.toFile(), "rw")) {
            data.seek(header.fileOffset(last));
            data.write(new byte[] {-1, -1, -1, -1}); // NaN in F16 and in F32
        }
        for (Path other : List.of(noPair, notFinite)) {
            VerificationReport report = verify(Optional.of(Ingredients.pair(other, DemoFiles.ALIGNED)));
            assertThat(report.recomputed()).isFalse();
            assertThat(report.findings()).singleElement().asString().contains("the SFT model is another");
        }
    }

    @Test
    void saysThatInputsAreOthersAndNotThatTheDataDiffers() throws IOException {
        GgufFile header = GgufReader.read(file);
        flip(header.fileOffset(header.tensors().getLast()) + 2);
        int alone = verify(Optional.empty()).findings().size();
        Ingredients<Path> others = Ingredients.pair(DemoFiles.ALIGNED, DemoFiles.ALIGNED);
        assertThat(verify(Optional.of(others)).findings())
                .hasSize(alone + 1)
                .last()
                .asString()
                .contains("the SFT model is another");
    }

    @Test
    void reportsATruncatedFile() throws IOException {
        try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
            data.setLength(data.length() - 5000);
        }
        assertThat(verify(Optional.empty()).findings()).hasSize(1);
    }

    @Test
    void saysThatAFileWithoutRecipeCannotBeRecomputed() throws IOException {
        file = DemoFiles.ALIGNED;
        assertThat(verify(Optional.empty()).passed()).isTrue();
        assertThat(verify(INPUTS).findings()).singleElement().asString().contains("carries no recipe");
    }
}
