package io.github.expogguf.convert.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.safetensors.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One tensor of a template, and two of a checkpoint that may be it by their names. */
class ConversionTest {

    private static final int LENGTH = 64;

    @TempDir
    private Path directory;

    private final float[] weights = new float[LENGTH];
    private final float[] noise = new float[LENGTH];

    @BeforeEach
    void draw() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < LENGTH; i++) {
            weights[i] = (float) random.nextGaussian();
            noise[i] = (float) random.nextGaussian();
        }
    }

    private List<ConvertedTensor> convert(double ofNorm, double ofFinalNorm) throws IOException {
        return convert(ofNorm, ofFinalNorm, false);
    }

    private List<ConvertedTensor> convert(double ofNorm, double ofFinalNorm, boolean isSame) throws IOException {
        Path template = GgufWriter.writeFile(
                directory.resolve("template.gguf"),
                new Metadata(Map.of("general.architecture", MetadataValue.ofString("qwen2"))),
                List.of(new TensorData("output_norm.weight", GgmlType.F32, new Shape(LENGTH), bytes(0))));
        String header = """
                {"model.final_norm.weight":{"dtype":"F32","shape":[64],"data_offsets":[0,256]},\
                "model.norm.weight":{"dtype":"F32","shape":[64],"data_offsets":[256,512]}}""";
        ByteBuffer file =
                ByteBuffer.allocate(Long.BYTES + header.length() + 2 * 256).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        file.put(bytes(ofFinalNorm)).put(bytes(ofNorm));
        Path checkpoint = Files.write(directory.resolve("model.safetensors"), file.array());
        try (GgufModel model = GgufModel.open(template);
                Checkpoint opened = Checkpoint.open(checkpoint)) {
            return Conversion.of("folder", opened, model, isSame).tensors();
        }
    }

    /** The template's weights with some noise. */
    private byte[] bytes(double share) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < LENGTH; i++) {
            bytes.putFloat((float) (weights[i] + share * noise[i]));
        }
        return bytes.array();
    }

    @Test
    void theClosestIsTaken() throws IOException {
        assertThat(convert(0.01, 0.3).getFirst().rule()).isEqualTo("norm.weight");
        assertThat(convert(0.3, 0.01).getFirst().rule()).isEqualTo("final_norm.weight");
    }

    @Test
    void equalValuesAreTheSame() throws IOException {
        assertThat(convert(0.1, 0.1).getFirst().rule()).isEqualTo("norm.weight");
    }

    @Test
    void nobodyGuessesBetweenTwoThatAreAsClose() {
        assertThatThrownBy(() -> convert(0.1, -0.1))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining("both 'norm.weight' (relative distance 0.1")
                .hasMessageContaining("and 'final_norm.weight' (relative distance 0.1");
    }

    @Test
    void whatIsNotCloseIsNotTaken() {
        assertThatThrownBy(() -> convert(0.6, 0.7))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining("1 of 1 tensors are not explained")
                .hasMessageContaining("expected at most 0.45");
    }

    /** The template of a folder is the same model: a norm of another block is no rounding error. */
    @Test
    void ofTheSameModelOnlyRoundingMayLieBetween() throws IOException {
        assertThat(convert(0.01, 0.3, true).getFirst().rule()).isEqualTo("norm.weight");
        assertThatThrownBy(() -> convert(0.05, 0.3, true))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining("expected at most 0.02");
    }

    /** Of the embedding's rows the last ones are of no tokens, and others in every upload. */
    @Test
    void rowsThatPadAMatrixProveNothing() throws IOException {
        assertThat(convertPadded("<a>", "[PAD1]", "[PAD2]", "[PAD3]")).isLessThan(0.02);
        assertThatThrownBy(() -> convertPadded("<a>", "<b>", "<c>", "<d>"))
                .isInstanceOf(ModelMismatchException.class)
                .hasMessageContaining("closest is 'embed_tokens.weight'");
    }

    /** The distance of an embedding whose first row alone is the template's. */
    private double convertPadded(String... tokens) throws IOException {
        int rowLength = LENGTH / 4;
        Path template = GgufWriter.writeFile(
                directory.resolve("padded.gguf"),
                new Metadata(Map.of(
                        "general.architecture",
                        MetadataValue.ofString("qwen2"),
                        "tokenizer.ggml.tokens",
                        MetadataValue.ofStrings(List.of(tokens)))),
                List.of(new TensorData("token_embd.weight", GgmlType.F32, new Shape(rowLength, 4), bytes(0))));
        String header = "{\"model.embed_tokens.weight\":{\"dtype\":\"F32\",\"shape\":[4,16],\"data_offsets\":[0,256]}}";
        ByteBuffer file =
                ByteBuffer.allocate(Long.BYTES + header.length() + 256).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        file.put(bytes(0), 0, Float.BYTES * rowLength)
                .put(bytes(3), Float.BYTES * rowLength, 256 - Float.BYTES * rowLength);
        Path checkpoint = Files.write(directory.resolve("padded.safetensors"), file.array());
        try (GgufModel model = GgufModel.open(template);
                Checkpoint opened = Checkpoint.open(checkpoint)) {
            return Conversion.of("folder", opened, model, true)
                    .tensors()
                    .getFirst()
                    .closeness()
                    .distance();
        }
    }

    @Test
    void coarserTypesAreAllowedToBeFarther() {
        assertThat(Closeness.bound(GgmlType.Q4_0, false)).isEqualTo(0.45);
        assertThat(Closeness.bound(GgmlType.Q3_K, false)).isEqualTo(0.6);
        assertThat(Closeness.bound(GgmlType.IQ2_XS, false)).isEqualTo(0.75);
        assertThat(Closeness.bound(GgmlType.IQ1_S, false)).isEqualTo(0.9);
    }

    @Test
    void zerosAreZeros() {
        Closeness.Sums sums = new Closeness.Sums();
        sums.add(0, 0);
        assertThat(sums.closeness()).isEqualTo(Closeness.EQUAL);
        sums.add(0, 1);
        assertThat(sums.closeness().distance()).isInfinite();
    }
}
