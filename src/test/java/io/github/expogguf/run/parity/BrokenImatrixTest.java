package io.github.expogguf.run.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.testing.NativeQuantizer;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Importance matrices that are broken, and that llama-quantize takes: what is wrong is said by name, and the bytes are
 * those of {@code llama_model_quantize} with the weights that its {@code load_imatrix} would make of the file, worked
 * out here.
 */
class BrokenImatrixTest {

    private static final float ALPHA = 0.5f;
    private static final int EXPERTS = 2;
    private static final String MATRIX = "blk.0.attn_q.weight";
    private static final String STACK = "blk.0.ffn_up_exps.weight";
    private static final TinyModel MODEL =
            TinyModels.llama(Sizes.of(1, 512, 256, 4, 2).withExperts(EXPERTS));
    private static final List<FileType> TYPES =
            List.of(FileType.Q4_K_M, FileType.Q4_0, FileType.IQ4_XS, FileType.IQ2_XXS);

    @TempDir
    Path directory;

    private Path sft;
    private Path aligned;
    private Path computed;

    /** An imatrix as it is in the file, and the weights that follow from it. */
    private static final class Content {
        private final Map<String, float[]> sums = new TreeMap<>();
        private final Map<String, float[]> counts = new HashMap<>();
        private final Map<String, float[]> weights = new HashMap<>();
        private int chunks = 7;

        Content() {
            for (TensorSpec tensor : MODEL.tensors()) {
                if (tensor.shape().rank() >= 2 && tensor.name().startsWith("blk")) {
                    int experts = (int) tensor.shape().dimension(2);
                    float[] values = new float[(int) tensor.shape().rowLength() * experts];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = 1 + i * 37 % 101;
                    }
                    float[] inputs = new float[experts];
                    Arrays.fill(inputs, 8);
                    put(tensor.name(), values, inputs);
                }
            }
        }

        void put(String tensor, float[] values, float... inputs) {
            sums.put(tensor, values);
            counts.put(tensor, inputs);
            float[] means = values.clone();
            int part = values.length / inputs.length;
            for (int i = 0; i < means.length; i++) {
                means[i] = Math.round(inputs[i / part]) == 0 ? 1 : values[i] / Math.round(inputs[i / part]);
            }
            weights.put(tensor, means);
        }

        /** Makes sums zero. */
        void clear(String tensor, int from, int to) {
            float[] values = sums.get(tensor).clone();
            Arrays.fill(values, from, to, 0);
            put(tensor, values, counts.get(tensor));
        }

        Path write(Path path) throws IOException {
            List<TensorData> data = new ArrayList<>();
            for (String name : sums.keySet()) {
                data.add(f32(name + ".in_sum2", sums.get(name), counts.get(name).length));
                data.add(f32(name + ".counts", counts.get(name), counts.get(name).length));
            }
            Map<String, MetadataValue> metadata = new LinkedHashMap<>();
            metadata.put("general.type", MetadataValue.ofString("imatrix"));
            metadata.put("imatrix.datasets", MetadataValue.ofStrings(List.of("text")));
            metadata.put("imatrix.chunk_count", MetadataValue.ofUint32(chunks));
            metadata.put("imatrix.chunk_size", MetadataValue.ofUint32(512));
            return GgufWriter.writeFile(path, new Metadata(metadata), data);
        }

        private static TensorData f32(String name, float[] values, int rows) {
            return new TensorData(name, GgmlType.F32, new Shape(values.length / rows, rows), little(values));
        }

        /** The older format; means times calls are in the file. */
        Path writeLegacy(Path path, Map<String, Integer> calls) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(little(sums.size()));
            sums.forEach((name, values) -> {
                byte[] characters = name.getBytes(StandardCharsets.UTF_8);
                int count = calls.getOrDefault(name, 8);
                out.writeBytes(little(characters.length));
                out.writeBytes(characters);
                out.writeBytes(little(count));
                out.writeBytes(little(values.length));
                out.writeBytes(little(values));
                float[] means = values.clone();
                for (int i = 0; i < means.length && count > 0; i++) {
                    means[i] /= count;
                }
                weights.put(name, means);
            });
            return Files.write(path, out.toByteArray());
        }

        private static byte[] little(int number) {
            return ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(number)
                    .array();
        }

        private static byte[] little(float[] values) {
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return bytes.array();
        }
    }

    /** What is wrong, and what is said of it. */
    private enum Kind {
        ZERO_COLUMN("note: imatrix.gguf has importance 0 for columns of 1 tensor: " + MATRIX + " (1 of 512)") {
            @Override
            void damage(Content imatrix) {
                imatrix.clear(MATRIX, 17, 18);
            }
        },
        ZERO_BLOCK("has importance 0 for all columns that share a scale in 1 tensor: " + MATRIX
                + " (256 of 512 columns); most of what these hold is lost, as with llama-quantize, unless --tensor-type"
                + " '^blk\\.0\\.attn_q\\.weight$=q8_0' gives it a type that uses none") {
            @Override
            void damage(Content imatrix) {
                imatrix.clear(MATRIX, 256, 512);
            }
        },
        ZERO_TENSOR(MATRIX + " (512 of 512 columns)") {
            @Override
            void damage(Content imatrix) {
                imatrix.clear(MATRIX, 0, 512);
            }
        },
        ZERO_EXPERT(STACK + " (512 of 1024 columns)") {
            @Override
            void damage(Content imatrix) {
                imatrix.clear(STACK, 512, 1024);
            }
        },
        COUNT_OF_0("the imatrix has no data on some experts of 1 tensor: " + STACK + " (1 of 2)") {
            @Override
            void damage(Content imatrix) {
                imatrix.put(STACK, imatrix.sums.get(STACK), 8, 0);
            }
        },
        COUNT_BELOW_A_HALF(STACK + " (1 of 2)") {
            @Override
            void damage(Content imatrix) {
                imatrix.put(STACK, imatrix.sums.get(STACK), 8, 0.4f);
            }
        },
        ONLY_COUNTS_OF_0(
                "the imatrix has no data at all on 2 tensors: " + MATRIX + " (1 of 1), " + STACK + " (2 of 2)") {
            @Override
            void damage(Content imatrix) {
                imatrix.put(MATRIX, imatrix.sums.get(MATRIX), 0);
                imatrix.put(STACK, imatrix.sums.get(STACK), 0, 0);
            }
        },
        ONE_COUNT_OF_0_FOR_ALL_EXPERTS("the imatrix has no data at all on 1 tensor: " + STACK + " (1 of 1)") {
            @Override
            void damage(Content imatrix) {
                imatrix.put(STACK, imatrix.sums.get(STACK), 0);
            }
        },
        NO_CHUNK("note: imatrix.gguf says that it was computed on no chunk of text") {
            @Override
            void damage(Content imatrix) {
                imatrix.chunks = 0;
            }
        },
        TENSOR_OF_ANOTHER_MODEL(
                "note: imatrix.gguf has importances for 1 tensor that aligned.gguf does not have: blk.9.attn_q.weight;") {
            @Override
            void damage(Content imatrix) {
                imatrix.put("blk.9.attn_q.weight", imatrix.sums.get(MATRIX), 8);
            }
        },
        EMBEDDINGS_OF_ANOTHER_MODEL("note: imatrix.gguf has importances of another size for token_embd.weight (4"
                + " importances, expected 512); it is quantized without, as with llama-quantize") {
            @Override
            void damage(Content imatrix) {
                imatrix.put("token_embd.weight", new float[] {1, 2, 3, 4}, 8);
            }
        },
        LEGACY_ZERO_BLOCK(MATRIX + " (256 of 512 columns)") {
            @Override
            void damage(Content imatrix) {
                imatrix.clear(MATRIX, 0, 256);
            }

            @Override
            Path write(Content imatrix, Path path) throws IOException {
                return imatrix.writeLegacy(path, Map.of());
            }
        },
        LEGACY_WITHOUT_CALLS(
                "note: imatrix.gguf counts no call of 1 tensor, whose sums are taken as they are: " + STACK) {
            @Override
            void damage(Content imatrix) {}

            @Override
            Path write(Content imatrix, Path path) throws IOException {
                return imatrix.writeLegacy(path, Map.of(STACK, 0));
            }
        };

        private final String words;
        private final List<FileType> types;

        /** What is said by a warning has weights of 0. */
        Kind(String words) {
            this.words = words;
            this.types = words.contains("columns)") ? TYPES : List.of(FileType.Q4_K_M);
        }

        abstract void damage(Content imatrix);

        Path write(Content imatrix, Path path) throws IOException {
            return imatrix.write(path);
        }
    }

    @BeforeEach
    void writePair() throws IOException {
        TensorValues values = TensorValues.random(1);
        sft = MODEL.write(directory.resolve("sft.gguf"), values);
        aligned = MODEL.write(directory.resolve("aligned.gguf"), TensorValues.near(values, 2));
        computed = ParityCheck.computeIndependently(sft, aligned, ALPHA, directory.resolve("computed.gguf"));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void isSaidByNameAndTheBytesAreThoseOfLlamaQuantize(Kind kind) throws IOException {
        Content content = new Content();
        kind.damage(content);
        Path imatrix = kind.write(content, directory.resolve("imatrix.gguf"));
        Path expected = directory.resolve("expected.gguf");
        Path output = directory.resolve("output.gguf");
        for (FileType type : kind.types) {
            PlanOptions options = PlanOptions.builder()
                    .fileType(type)
                    .imatrix(new Imatrix(content.weights))
                    .build();
            Object[] how = {"--type", type, "--imatrix", imatrix, "--force", "-o", output};
            NativeQuantizer.quantize(aligned, expected, options);
            said(kind, ran("quantize", how, "-m", aligned));
            ParityCheck.compareTensors(kind + " " + type, output, expected, aligned, aligned);

            NativeQuantizer.quantize(computed, expected, options);
            said(kind, ran("extrapolate", how, "--sft", sft, "--aligned", aligned, "--alpha", ALPHA));
            ParityCheck.compareTensors(kind + " " + type, output, expected, aligned, computed);
        }
        assertThat(Ran.run("verify", output, "--sft", sft, "--aligned", aligned, "--imatrix", imatrix)
                        .exitCode())
                .isZero();
        said(kind, Ran.run("plan", "-m", aligned, "--type", "IQ4_XS", "--imatrix", imatrix));
    }

    private static void said(Kind kind, Ran ran) {
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err()).contains(kind.words);
        assertThat(ran.err().contains("warning: imatrix.gguf")).isEqualTo(kind.words.contains("columns)"));
    }

    private static Ran ran(String command, Object[] how, Object... models) {
        List<Object> words = new ArrayList<>(List.of(command));
        words.addAll(List.of(models));
        words.addAll(List.of(how));
        return Ran.run(words.toArray());
    }

    /** Types that keep what importances of 0 would lose are worth more than those that do not. */
    @Test
    void aSizeIsNotSavedWhereTheImatrixSaysNothing() throws IOException {
        Content content = new Content();
        content.clear(MATRIX, 0, 512);
        Path imatrix = content.write(directory.resolve("imatrix.gguf"));
        Path output = directory.resolve("output.gguf");
        Object[] how = {"--target-bpw", "6.5", "--imatrix", imatrix, "-o", output};
        Ran ran = ran("extrapolate", how, "--sft", sft, "--aligned", aligned, "--alpha", ALPHA);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(NativeQuantizer.types(output)).containsEntry(MATRIX, GgmlType.Q8_0);
        assertThat(Ran.run("verify", output, "--sft", sft, "--aligned", aligned, "--imatrix", imatrix)
                        .exitCode())
                .isZero();
    }

    /** Beyond the numbers that ggml's sums have room for; llama-quantize writes zeros or stops half-way. */
    @Test
    void importancesThatAreTooLargeAreRefusedByName() throws IOException {
        Content content = new Content();
        content.sums.get(STACK)[512 + 17] = 1e20f;
        Path imatrix = content.write(directory.resolve("imatrix.gguf"));
        Path output = directory.resolve("output.gguf");
        for (FileType type : TYPES) {
            Ran ran = ran("quantize", new Object[] {"--type", type, "--imatrix", imatrix, "-o", output}, "-m", aligned);
            assertThat(ran.exitCode()).isEqualTo(3);
            assertThat(ran.err())
                    .contains("imatrix.gguf: importances of 1 tensor are too large to quantize with")
                    .contains(STACK + ", expert 1, column 17 is 1.25E19;")
                    .contains("types that use none, as Q8_0, have no such limit");
            assertThat(output).doesNotExist();
        }
        Object[] how = {"--type", "Q4_K_M", "--tensor-type", "ffn_up=q8_0", "--imatrix", imatrix, "-o", output};
        assertThat(ran("quantize", how, "-m", aligned).exitCode()).isZero();
    }
}
