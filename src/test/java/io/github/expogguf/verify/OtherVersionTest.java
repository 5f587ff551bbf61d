package io.github.expogguf.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.nativelib.PinnedVersion;
import io.github.expogguf.nativelib.QuantizerChange;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.verify.Check.Outcome;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifying a file that names another version of llama.cpp than the one that is loaded. */
class OtherVersionTest {

    private static final TinyModel MODEL =
            TinyModels.llama(Sizes.of(2, 256, 256, 4, 2)).withMatrices(GgmlType.F16);
    private static final Imatrix IMATRIX = MODEL.imatrix(5);

    @TempDir
    Path directory;

    private Path sft;
    private Path aligned;
    private Path file;

    @BeforeEach
    void extrapolate() throws IOException {
        sft = MODEL.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        aligned = MODEL.write(directory.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
        file = directory.resolve("out.gguf");
        PlanOptions options = PlanOptions.builder()
                .alpha(0.5f)
                .fileType(FileType.IQ1_M)
                .imatrix(IMATRIX)
                .build();
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            pair.write(options, file, OutputOptions.defaults());
        }
    }

    /** The other supported versions, whose search of IQ1_M is another. */
    private static List<String> otherReleases() {
        return Stream.concat(
                        Stream.of(PinnedVersion.LLAMA_CPP),
                        PinnedVersion.older().stream().map(text -> text.split(",")[0]))
                .map(version -> "v" + version)
                .filter(release -> !release.equals(NativeLibrary.release()))
                .filter(release ->
                        QuantizerChange.since(release).orElseThrow().types().contains(GgmlType.IQ1_M))
                .toList();
    }

    private Path madeWith(String release, GgmlType changed) throws IOException {
        return madeWith(release, Optional.of(changed));
    }

    /** The file as if that version had written it: with its name, and another block in a tensor of a type. */
    private Path madeWith(String release, Optional<GgmlType> changed) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            Map<String, MetadataValue> metadata =
                    new LinkedHashMap<>(model.header().metadata().asMap());
            metadata.keySet().removeIf(key -> key.startsWith("expo.checksum."));
            metadata.put("expo.llama_cpp.version", MetadataValue.ofString(release));
            List<TensorData> tensors = new ArrayList<>();
            boolean isChanged = false;
            for (TensorInfo tensor : model.header().tensors()) {
                byte[] bytes = new byte[Math.toIntExact(tensor.byteCount())];
                model.read(tensor, 0, MemorySegment.ofArray(bytes));
                if (!isChanged && changed.equals(Optional.of(tensor.type()))) {
                    bytes[tensor.type().blockBytes()] ^= 1; // in the second block
                    isChanged = true;
                }
                tensors.add(new TensorData(tensor.name(), tensor.type(), tensor.shape(), bytes));
            }
            assertThat(isChanged).isEqualTo(changed.isPresent());
            return GgufWriter.writeFile(directory.resolve("other.gguf"), new Metadata(metadata), tensors);
        }
    }

    private VerificationReport verify(Path written) throws IOException {
        Ingredients<Path> inputs = Ingredients.pair(sft, aligned);
        return Verifier.verify(
                written, VerifyOptions.builder().inputs(inputs).imatrix(IMATRIX).build(), WorkOptions.defaults());
    }

    @Test
    void itsOtherBlocksOfAChangedTypeAreNotedAndNoDamage() throws IOException {
        assumeTrue(!otherReleases().isEmpty());
        for (String release : otherReleases()) {
            VerificationReport report = verify(madeWith(release, GgmlType.IQ1_M));
            String words = QuantizerChange.since(release).orElseThrow().describe(GgmlType.IQ1_M);
            assertThat(report.findings()).isEmpty();
            assertThat(report.passed()).isTrue();
            assertThat(report.recomputed()).isTrue();
            assertThat(report.notes()).singleElement().hasToString("1 IQ1_M block of 1 tensor differs: " + words);
            assertThat(report.checks()).containsEntry(Check.RECOMPUTATION, Outcome.OTHER_VERSION);
        }
    }

    @Test
    void itsOtherBlocksOfATypeThatDidNotChangeAreDamage() throws IOException {
        for (String release : otherReleases()) {
            VerificationReport report = verify(madeWith(release, GgmlType.IQ2_XXS));
            assertThat(report.findings())
                    .singleElement()
                    .asString()
                    .contains("differs from what the recipe gives, first in row 1");
            assertThat(report.notes()).isEmpty();
            assertThat(report.checks()).containsEntry(Check.RECOMPUTATION, Outcome.FAILED);
        }
    }

    @Test
    void otherBlocksOfTheSameVersionAreDamage() throws IOException {
        VerificationReport report = verify(madeWith(NativeLibrary.release(), GgmlType.IQ1_M));
        assertThat(report.findings())
                .anyMatch(finding -> finding.problem().startsWith("differs from what the recipe gives"));
        assertThat(report.notes()).isEmpty();
    }

    @Test
    void aVersionThatIsNotKnownExplainsNothing() throws IOException {
        VerificationReport report = verify(madeWith("v0.1.0", GgmlType.IQ1_M));
        assertThat(report.findings())
                .anyMatch(finding -> finding.problem()
                        .equals("metadata 'expo.llama_cpp.version' is v0.1.0, expected " + NativeLibrary.release()));
        assertThat(report.passed()).isFalse();
    }

    @Test
    void theSameBytesOfAnotherVersionAreOk() throws IOException {
        for (String release : otherReleases()) {
            VerificationReport report = verify(madeWith(release, Optional.empty()));
            assertThat(report.findings()).isEmpty();
            assertThat(report.notes()).isEmpty();
            assertThat(report.checks()).containsEntry(Check.RECOMPUTATION, Outcome.PASSED);
        }
    }
}
