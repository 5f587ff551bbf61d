package io.github.expogguf.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.start.ExpoGguf;
import io.github.expogguf.testing.FolderFixture;
import io.github.expogguf.testing.FolderFixture.Expected;
import io.github.expogguf.testing.GgmlFloats;
import io.github.expogguf.text.Sha256;
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Folders of Hugging Face beside what the real converter and torch make of them. */
class FoldersTest {

    private static final int ULPS_OF_EXP = 2;

    @TempDir
    private Path directory;

    static Stream<String> names() throws IOException {
        return FolderFixture.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void foldersHoldWhatTheConverterMakesOfThem(String name) throws IOException {
        FolderFixture fixture = FolderFixture.of(name);
        try (ConvertedModel aligned = ConvertedModel.open(fixture.aligned(), GgufModel.open(fixture.template()), true);
                ConvertedModel sft = ConvertedModel.open(fixture.sft(), aligned, false)) {
            for (Map.Entry<String, Expected> expected : fixture.expected().entrySet()) {
                requireEqual(aligned, expected, expected.getValue().aligned(), "aligned", ULPS_OF_EXP);
                requireEqual(sft, expected, expected.getValue().sft(), "sft", ULPS_OF_EXP);
            }
            assertThat(aligned.evidence()).allMatch(tensor -> tensor.closeness().reversed() == 0);
            assertThat(aligned.header().tensors())
                    .hasSameSizeAs(fixture.expected().keySet());
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void extrapolatesFoldersAsTorchDoes(String name) throws IOException {
        FolderFixture fixture = FolderFixture.of(name);
        Ingredients<Path> pair =
                Ingredients.pair(fixture.sft(), fixture.aligned()).withTemplate(fixture.template());
        Path output = directory.resolve("out.gguf");
        ExpoGguf.extrapolate(fixture.sft(), fixture.aligned())
                .template(fixture.template())
                .alpha(0.5f)
                .fileType("F32")
                .write(output);
        try (GgufModel written = GgufModel.open(output)) {
            for (Map.Entry<String, Expected> expected : fixture.expected().entrySet()) {
                if (tensor(written, expected.getKey()).type() == GgmlType.F32) {
                    requireEqual(written, expected, expected.getValue().extrapolated(), "torch", ULPS_OF_EXP);
                } else { // never quantized, so that it stays as it is in the folder
                    assertThat(expected.getKey()).isEqualTo("per_layer_model_proj.weight");
                }
            }
        }
        VerificationReport verified = Verifier.verify(output, pair, WorkOptions.defaults());
        assertThat(verified.findings()).isEmpty();
        assertThat(verified.recomputed()).isTrue();
    }

    private static void requireEqual(
            SourceModel model, Map.Entry<String, Expected> expected, String digest, String values, int ulps)
            throws IOException {
        TensorInfo tensor = tensor(model, expected.getKey());
        float[] actual = GgmlFloats.of(model, tensor);
        float[] wanted = expected.getValue().values().get(values);
        if (wanted == null) {
            assertThat(sha256(actual)).as(expected.getKey()).isEqualTo(digest);
        } else {
            assertThat(actual).hasSameSizeAs(wanted);
            for (int i = 0; i < wanted.length; i++) {
                assertThat(Math.abs(Float.floatToIntBits(actual[i]) - Float.floatToIntBits(wanted[i])))
                        .as(expected.getKey() + " " + i)
                        .isLessThanOrEqualTo(ulps);
            }
        }
    }

    private static TensorInfo tensor(SourceModel model, String name) {
        return model.header().tensors().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String sha256(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        MessageDigest digest = Sha256.newDigest();
        digest.update(bytes);
        return Sha256.digits(digest);
    }
}
