package io.github.expogguf.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.expogguf.CancelledException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.PromptException;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.imatrix.ImatrixReader;
import io.github.expogguf.imatrix.ImatrixSums;
import io.github.expogguf.imatrix.UnfinishedImatrix;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.Cancellation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sums beside those of the real llama-imatrix, and beside sums that are worked out here. */
class ImatrixCollectorTest {

    private static final Path RECORDED = Path.of("src/test/resources/imatrix");

    /** Of a sum; processors without AVX2 give 4e-4, in the sums of llama-imatrix itself. */
    private static final double OTHER_PROCESSOR = 1e-2;

    private static final TinyModel LLAMA = TinyModels.llama(Sizes.of(2, 64, 96, 4, 2));
    private static final TinyModel EXPERTS =
            TinyModels.llama(Sizes.of(1, 64, 96, 4, 2).withExperts(4));

    private static final ImatrixOptions SMALL =
            ImatrixOptions.builder().chunkTokens(32).batchTokens(64).threads(1).build();

    @TempDir
    private Path directory;

    private static ImatrixSums collect(Path model, String text, ImatrixOptions options) throws IOException {
        try (LlamaModel loaded = LlamaModel.load(model, LoadOptions.defaults());
                ImatrixCollector collector = ImatrixCollector.open(loaded, options)) {
            return collector.collect("text.txt", text);
        }
    }

    private static String text() {
        return DemoFiles.calibrationText();
    }

    @Test
    void hasTheSumsOfLlamaImatrix() throws IOException {
        ImatrixOptions options =
                ImatrixOptions.builder().chunks(5).processOutput(true).build();
        ImatrixSums sums = collect(DemoFiles.ALIGNED, text(), options);
        assertThat(sums.entries()).containsKey("output.weight").hasSize(22);
        compare(sums, "guide-dpo-20-f16.gguf", 0);
    }

    @Test
    void hasTheSumsOfLlamaImatrixForEveryExpert() throws IOException {
        ImatrixOptions options = ImatrixOptions.builder()
                .chunks(5)
                .chunkTokens(64)
                .batchTokens(128)
                .build();
        ImatrixSums sums = collect(Path.of("src/test/resources/folders/mixtral/like.gguf"), text(), options);
        assertThat(entry(sums, "blk.0.ffn_up_exps.weight").counts()).hasSize(3);
        compare(sums, "mixtral.gguf", 3);
    }

    /** @param moved tokens that may go to another expert where logits are nearly the same */
    private static void compare(ImatrixSums sums, String recorded, long moved) throws IOException {
        try (GgufModel file = GgufModel.open(RECORDED.resolve(recorded))) {
            assertThat(file.header().metadata().integer("imatrix.chunk_count")).hasValue(sums.chunkCount());
            assertThat(file.header().metadata().integer("imatrix.chunk_size")).hasValue(sums.chunkTokens());
            assertThat(file.header().tensors().stream().map(TensorInfo::name))
                    .containsExactlyElementsOf(sums.entries().keySet().stream()
                            .flatMap(name -> List.of(name + ".in_sum2", name + ".counts").stream())
                            .toList());
            for (TensorInfo tensor : file.header().tensors()) {
                float[] expected = floats(file, tensor);
                ImatrixSums.Entry entry = entry(sums, tensor.name().replaceAll("[.](in_sum2|counts)$", ""));
                if (tensor.name().endsWith(".counts")) {
                    for (int i = 0; i < expected.length; i++) {
                        assertThat(entry.counts()[i])
                                .as(tensor.name())
                                .isCloseTo((long) expected[i], within(entry.counts().length == 1 ? 0 : moved));
                    }
                    assertThat(Arrays.stream(entry.counts()).sum()).isEqualTo((long) sum(expected));
                } else {
                    double slack = entry.counts().length == 1 ? OTHER_PROCESSOR : OTHER_PROCESSOR * (1 + moved);
                    for (int i = 0; i < expected.length; i++) {
                        assertThat((double) entry.sums()[i])
                                .as(tensor.name() + " " + i)
                                .isCloseTo(expected[i], within(slack * expected[i]));
                    }
                }
            }
        }
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    private static ImatrixSums.Entry entry(ImatrixSums sums, String name) {
        ImatrixSums.Entry entry = sums.entries().get(name);
        assertThat(entry).as(name).isNotNull();
        return Objects.requireNonNull(entry);
    }

    private static float[] floats(GgufModel file, TensorInfo tensor) throws IOException {
        byte[] bytes = new byte[(int) tensor.byteCount()];
        file.read(tensor, 0, MemorySegment.ofArray(bytes));
        float[] values = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    /** What goes into the first block's queries: the embeddings of the tokens, normalized, times weights. */
    @Test
    void theInputsOfTheFirstBlockAreTheNormalizedEmbeddings() throws IOException {
        TensorValues values = TensorValues.random(5);
        Path file = LLAMA.write(directory.resolve("llama.gguf"), values);
        String text = text().substring(0, 300);
        ImatrixSums sums = collect(file, text, SMALL);

        float[] embeddings = values.of(spec("token_embd.weight"));
        float[] norm = values.of(spec("blk.0.attn_norm.weight"));
        double[] expected = new double[64];
        int[] tokens;
        int begin;
        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults())) {
            tokens = model.tokenize(text);
            begin = model.addedBeginOfSequence().orElseThrow();
        }
        int chunks = tokens.length / 32;
        for (int i = 0; i < chunks * 32; i++) {
            int token = i % 32 == 0 ? begin : tokens[i];
            double squares = 0;
            for (int j = 0; j < 64; j++) {
                squares += Math.pow(embeddings[token * 64 + j], 2);
            }
            for (int j = 0; j < 64; j++) {
                expected[j] += Math.pow(embeddings[token * 64 + j] / Math.sqrt(squares / 64 + 1e-5) * norm[j], 2);
            }
        }
        assertThat(chunks).isGreaterThan(4).matches(count -> count % 2 == 1, "a last step of one chunk");
        assertThat(sums.chunkCount()).isEqualTo(chunks);
        for (String tensor : List.of("attn_q", "attn_k", "attn_v")) {
            ImatrixSums.Entry entry = entry(sums, "blk.0." + tensor + ".weight");
            assertThat(entry.counts()).containsExactly(32L * chunks);
            for (int j = 0; j < 64; j++) {
                assertThat((double) entry.sums()[j]).isCloseTo(expected[j], within(1e-4 * expected[j]));
            }
        }
    }

    private static TensorSpec spec(String name) {
        return LLAMA.tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The router sees every token once, and the experts that it chooses see the same. */
    @Test
    void theExpertsTogetherSeeWhatTheRouterSees() throws IOException {
        Path file = EXPERTS.write(directory.resolve("experts.gguf"), TensorValues.random(6));
        ImatrixSums sums = collect(file, text().substring(0, 600), SMALL);
        ImatrixSums.Entry router = entry(sums, "blk.0.ffn_gate_inp.weight");
        ImatrixSums.Entry experts = entry(sums, "blk.0.ffn_gate_exps.weight");
        long uses = Arrays.stream(experts.counts()).sum() / router.counts()[0];
        assertThat(experts.counts()).hasSize(4).doesNotContain(0);
        assertThat(Arrays.stream(experts.counts()).sum()).isEqualTo(uses * router.counts()[0]);
        for (int j = 0; j < 64; j++) {
            double together = 0;
            for (int expert = 0; expert < 4; expert++) {
                together += experts.sums()[expert * 64 + j];
            }
            assertThat(together).isCloseTo(uses * (double) router.sums()[j], within(1e-4 * together));
        }
    }

    @Test
    void oneThreadAndTwoGiveTheSameSums() throws IOException {
        Path file = EXPERTS.write(directory.resolve("experts.gguf"), TensorValues.random(6));
        String one = collect(file, text().substring(0, 600), SMALL).sha256();
        String two = collect(
                        file,
                        text().substring(0, 600),
                        SMALL.toBuilder().threads(2).build())
                .sha256();
        assertThat(two).isEqualTo(one);
    }

    @Test
    void goesOnFromWhatWasSummedBefore() throws IOException {
        Path file = EXPERTS.write(directory.resolve("experts.gguf"), TensorValues.random(6));
        String text = text().substring(0, 600);
        try (LlamaModel model = LlamaModel.load(file, LoadOptions.defaults());
                ImatrixCollector collector = ImatrixCollector.open(model, SMALL)) {
            String expected = collector.collect("text.txt", text).sha256();
            Cancellation cancellation = new Cancellation();
            List<Path> kept = new ArrayList<>();
            assertThatThrownBy(() -> collector.collect(
                            "text.txt",
                            text,
                            Optional.empty(),
                            (chunks, total, sums) -> {
                                kept.add(keep(sums, chunks));
                                cancellation.cancel();
                            },
                            cancellation))
                    .isInstanceOf(CancelledException.class);
            UnfinishedImatrix earlier = UnfinishedImatrix.read(kept.getFirst());
            assertThat(earlier.chunks()).isEqualTo(2);
            assertThat(earlier.key()).isEqualTo("a key");
            assertThatThrownBy(() -> ImatrixReader.read(kept.getFirst())).hasMessageContaining("expected F32");
            List<Integer> read = new ArrayList<>();
            assertThat(collector
                            .collect(
                                    "text.txt",
                                    text,
                                    Optional.of(earlier),
                                    (chunks, _, _) -> read.add(chunks),
                                    new Cancellation())
                            .sha256())
                    .isEqualTo(expected);
            assertThat(read.getFirst()).isEqualTo(4);
        }
    }

    private Path keep(Supplier<ImatrixSums> sums, int chunks) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            new UnfinishedImatrix(sums.get(), chunks, "a key").write(out);
            return Files.write(directory.resolve("kept" + chunks), out.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void refusesTextsAndModelsThatGiveNothing() throws IOException {
        Path file = LLAMA.write(directory.resolve("llama.gguf"), TensorValues.random(5));
        assertThatThrownBy(() -> collect(file, "short", SMALL))
                .isInstanceOf(PromptException.class)
                .hasMessageContaining("text.txt: the text has ")
                .hasMessageContaining(", expected at least 32 (one chunk)");
        assertThatThrownBy(() -> ImatrixOptions.builder().chunks(0).build())
                .hasMessage("chunks is 0, expected 1 or more, or -1 for all");
        assertThatThrownBy(() -> ImatrixOptions.builder().batchTokens(8).build())
                .hasMessage("batchTokens is 8, expected 16 to 1048576");
        Path large = LLAMA.write(directory.resolve("large.gguf"), tensor -> {
            float[] values = TensorValues.random(5).of(tensor);
            if (tensor.name().equals("blk.1.attn_norm.weight")) {
                values[3] = 3e38f;
            }
            return values;
        });
        assertThatThrownBy(() -> collect(large, text().substring(0, 300), SMALL))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("large.gguf: the inputs of tensor 'blk.1.attn_")
                .hasMessageContaining("hold NaN or infinity");
    }

    @Test
    void weightsOfTheFileAreThoseInMemory() throws IOException {
        Path file = EXPERTS.write(directory.resolve("experts.gguf"), TensorValues.random(6));
        ImatrixSums sums = collect(file, text().substring(0, 600), SMALL);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        sums.write(out);
        Path written = Files.write(directory.resolve("imatrix.gguf"), out.toByteArray());
        assertThat(sums.fileBytes()).isEqualTo(out.size());
        var read = ImatrixReader.read(written);
        var made = sums.imatrix("imatrix.gguf");
        assertThat(made.source()).isEqualTo(read.source());
        assertThat(made.tensors()).isEqualTo(read.tensors());
        for (String tensor : made.tensors()) {
            assertThat(made.weights(tensor).orElseThrow())
                    .isEqualTo(read.weights(tensor).orElseThrow());
            assertThat(made.unaskedExperts(tensor)).isEqualTo(read.unaskedExperts(tensor));
        }
    }

    @Test
    void namesOfCopiesOnOtherDevicesAreThoseOfTheTensors() {
        assertThat(InputSums.withoutDevice("CUDA0#blk.0.attn_k.weight#0")).isEqualTo("blk.0.attn_k.weight");
        assertThat(InputSums.withoutDevice("CUDA0#blk.0.attn_k.weight")).isEqualTo("blk.0.attn_k.weight");
        assertThat(InputSums.withoutDevice("blk.0.attn_k.weight")).isEqualTo("blk.0.attn_k.weight");
    }
}
