package io.github.expogguf.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufWriter;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorData;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Importance matrices that miss tensors or experts; the feed-forward rows fit no blocks of 256. */
class ImportanceNotesTest {

    private static final TinyModel MODEL =
            TinyModels.llama(Sizes.of(3, 256, 384, 4, 2).withExperts(2));

    @TempDir
    static Path directory;

    private static Path sft;
    private static Path aligned;

    @BeforeAll
    static void writePair() {
        sft = MODEL.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        aligned = MODEL.write(directory.resolve("aligned.gguf"), TensorValues.random(2));
    }

    /**
     * As llama-imatrix writes it: nothing for output and embeddings, and no inputs of the second expert where asked.
     */
    private static Path imatrix(String name, Predicate<String> isCovered, Predicate<String> isHalfAsked) {
        List<TensorData> data = new ArrayList<>();
        for (TensorSpec tensor : MODEL.tensors()) {
            boolean isRecorded = tensor.shape().rank() >= 2 && tensor.name().startsWith("blk");
            if (isRecorded && isCovered.test(tensor.name())) {
                int experts = (int) tensor.shape().dimension(2);
                float[] counts = new float[experts];
                Arrays.fill(counts, 8);
                if (isHalfAsked.test(tensor.name())) {
                    counts[1] = 0;
                }
                float[] sums = new float[(int) tensor.shape().rowLength() * experts];
                for (int i = 0; i < sums.length; i++) {
                    sums[i] = 1 + i % 7;
                }
                data.add(f32(tensor.name() + ".in_sum2", sums, experts));
                data.add(f32(tensor.name() + ".counts", counts, experts));
            }
        }
        Map<String, MetadataValue> metadata = new LinkedHashMap<>();
        metadata.put("general.type", MetadataValue.ofString("imatrix"));
        metadata.put("imatrix.datasets", MetadataValue.ofStrings(List.of("text")));
        metadata.put("imatrix.chunk_count", MetadataValue.ofUint32(1));
        metadata.put("imatrix.chunk_size", MetadataValue.ofUint32(512));
        try {
            return GgufWriter.writeFile(directory.resolve(name), new Metadata(metadata), data);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static TensorData f32(String name, float[] values, int rows) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new TensorData(name, GgmlType.F32, new Shape(values.length / rows, rows), bytes.array());
    }

    private static Ran plan(Path imatrix, String type, Object... more) {
        Object[] words = {"plan", "--sft", sft, "--aligned", aligned, "--type", type, "--imatrix", imatrix};
        return Ran.run(Stream.concat(Stream.of(words), Stream.of(more)).toArray());
    }

    @Test
    void whatAnImatrixMissesIsSaidAndThePlanGoesOn() {
        Path imatrix = imatrix("last.gguf", name -> !name.startsWith("blk.2."), _ -> false);
        String note =
                "the imatrix has no importances for 6 of the 20 tensors that would use them: all 6 of blk.2; they are"
                        + " quantized without, unless --tensor-type 'blk\\.2\\.=q8_0' gives them a type that uses none";
        assertThat(plan(imatrix, "Q4_K_M").err()).contains(note);
        assertThat(plan(imatrix, "Q4_K_M", "--tensor-type", "blk\\.2\\.=q8_0").err())
                .doesNotContain("importances");
        Ran quantized = Ran.run("quantize", "-m", aligned, "--type", "Q4_K_M", "--imatrix", imatrix, "--dry-run");
        assertThat(quantized.err()).contains(note);
        assertThat(Ran.run("plan", "-m", aligned, "--type", "Q4_K_M", "--imatrix", imatrix)
                        .err())
                .contains(note);
        assertThat(plan(imatrix, "F16").err()).doesNotContain("importances");
        JsonObject importance = output(plan(imatrix, "Q4_K_M", "--json")).getAsJsonObject("importance");
        assertThat(importance.get("weighed").getAsInt()).isEqualTo(14);
        assertThat(importance.getAsJsonArray("missing")).hasSize(6);
        Path written = directory.resolve("written.gguf");
        Ran ran = Ran.run(
                "extrapolate",
                "--sft",
                sft,
                "--aligned",
                aligned,
                "--type",
                "Q4_K_M",
                "--imatrix",
                imatrix,
                "-o",
                written,
                "--json");
        assertThat(ran.err()).contains(note);
        assertThat(output(ran).getAsJsonObject("importance").getAsJsonArray("missing"))
                .hasSize(6);
    }

    private static JsonObject output(Ran ran) {
        return ran.json().getAsJsonArray("outputs").get(0).getAsJsonObject();
    }

    @Test
    void completeOnesAreNotRemarkedOn() {
        Path imatrix = imatrix("all.gguf", _ -> true, _ -> false);
        assertThat(plan(imatrix, "Q4_K_M").err()).doesNotContain("imatrix");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q8_0", "MXFP4_MOE"})
    void nothingIsMissedByTypesThatReadNone(String type) {
        Path imatrix = imatrix("last-" + type + ".gguf", name -> !name.startsWith("blk.2."), _ -> false);
        String[] trunk = {"--tensor-type", "blk=" + type.replace("_MOE", "")};
        Ran planned = plan(imatrix, type, (Object[]) trunk);
        assertThat(planned.exitCode()).isZero();
        assertThat(planned.err()).doesNotContain("importances");
    }

    @Test
    void typesThatNeedImportancesAreRefusedWithARemedyThatWorks() {
        Path imatrix = imatrix("without-last.gguf", name -> !name.startsWith("blk.2."), _ -> false);
        Ran refused = plan(imatrix, "IQ2_XXS");
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err())
                .contains("without importances, which the imatrix does not have: blk.2.attn_q.weight, ")
                .contains("; --tensor-type 'blk\\.2\\.=q5_k' gives them types that can do without");
        assertThat(plan(imatrix, "IQ2_XXS", "--tensor-type", "blk\\.2\\.=q5_k").exitCode())
                .isZero();

        JsonObject error = plan(imatrix, "IQ2_XXS", "--json").json().getAsJsonObject("error");
        assertThat(error.getAsJsonArray("remedies").get(0).getAsString()).isEqualTo("--tensor-type 'blk\\.2\\.=q5_k'");
        assertThat(error.getAsJsonArray("tensors").asList())
                .hasSizeGreaterThan(3)
                .allMatch(name -> name.getAsString().startsWith("blk.2."));
    }

    @Test
    void theRemedyNamesTensorsWhereTheirBlockHasOthersThatAreCovered() {
        Path imatrix = imatrix(
                "without-some.gguf",
                name -> !name.matches("blk\\.(0|2)\\.attn_q.weight|blk\\.1\\.ffn_up_exps.*"),
                _ -> false);
        JsonArray remedies = plan(imatrix, "IQ2_XXS", "--json")
                .json()
                .getAsJsonObject("error")
                .getAsJsonArray("remedies");
        List<Object> rules = new ArrayList<>();
        remedies.forEach(remedy -> {
            assertThat(remedy.getAsString()).startsWith("--tensor-type '").endsWith("'");
            rules.add("--tensor-type");
            rules.add(remedy.getAsString().replaceFirst("--tensor-type '(.*)'", "$1"));
        });
        assertThat(rules).contains("^blk\\.(0|2)\\.attn_q\\.weight$=q5_k", "^blk\\.1\\.ffn_up_exps\\.weight$=q5_k");
        assertThat(plan(imatrix, "IQ2_XXS", rules.toArray()).exitCode()).isZero();
    }

    @Test
    void whoFollowsARemedyIsNotToldAnother() {
        Path imatrix = imatrix("followed.gguf", name -> !name.startsWith("blk.2."), _ -> false);
        assertThat(plan(imatrix, "IQ2_XXS").err()).contains("; --tensor-type 'blk\\.2\\.=q5_k' gives them");
        assertThat(plan(imatrix, "IQ2_XXS", "--tensor-type", "blk\\.2\\.=q5_k").err())
                .contains("all 7 of blk.2; they are quantized without, to the types that the options give them\n")
                .doesNotContain("unless");
        assertThat(plan(imatrix, "Q4_K_M", "--tensor-type", "blk\\.2\\.attn=q5_k")
                        .err())
                .contains("all 6 of blk.2; they are quantized without, unless --tensor-type ");
    }

    @Test
    void aSizeHasTypesToLeaveOut() {
        Ran refused = Ran.run("plan", "-m", DemoFiles.ALIGNED, "--target-bpw", "2.6", "--target-types", "IQ2_XXS");
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err())
                .contains("; --imatrix FILE names one, or leave such types out of --target-types")
                .doesNotContain("larger --type");
    }

    @Test
    void embeddingsHaveARemedyOfTheirOwn() {
        Path imatrix = imatrix("blocks.gguf", _ -> true, _ -> false);
        Ran refused = plan(imatrix, "Q8_0", "--token-embedding-type", "IQ2_XS");
        assertThat(refused.err()).contains("; --token-embedding-type q6_K gives it a type that can do without");
    }

    @Test
    void withoutAnImatrixTheRemedyIsOne() {
        Ran refused = Ran.run("plan", "-m", aligned, "--type", "IQ2_XXS");
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err())
                .contains("without an imatrix: ")
                .contains("; --imatrix FILE names one, or take a larger --type");
    }

    @Test
    void expertsThatWereNeverAskedAreSaid() {
        Path imatrix = imatrix("half.gguf", _ -> true, name -> name.startsWith("blk.1.ffn_") && name.contains("_exps"));
        assertThat(plan(imatrix, "Q4_K_M").err())
                .contains("the imatrix has no data on some experts of 3 tensors: ")
                .contains("blk.1.ffn_down_exps.weight (1 of 2)", "; all of their weights count the same");
        JsonArray partial = output(plan(imatrix, "Q4_K_M", "--json"))
                .getAsJsonObject("importance")
                .getAsJsonArray("partial");
        assertThat(partial).hasSize(3);
        assertThat(partial.get(0).getAsJsonObject().get("unasked").getAsInt()).isEqualTo(1);
    }
}
