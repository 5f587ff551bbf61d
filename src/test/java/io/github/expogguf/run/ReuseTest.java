package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.expogguf.CancelledException;
import io.github.expogguf.GgufFormatException;
import io.github.expogguf.VerificationException;
import io.github.expogguf.cli.Ran;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.run.Reused.Cause;
import io.github.expogguf.testing.FolderFixture;
import io.github.expogguf.testing.LoraFiles;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is taken from an earlier output: every byte is that of a run without it. */
class ReuseTest {

    private static final TinyModel MODEL = TinyModels.llama(Sizes.of(3, 256, 512, 4, 2));
    private static final int TENSORS = MODEL.tensors().size();
    private static final OutputOptions FORCE = OutputOptions.defaults().withForce(true);

    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    private static Path sft;
    private static Path aligned;
    private static Path other;

    @BeforeAll
    static void writeModels() {
        sft = MODEL.write(shared.resolve("sft.gguf"), TensorValues.random(1));
        aligned = MODEL.write(shared.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
        other = MODEL.write(shared.resolve("other.gguf"), TensorValues.near(TensorValues.random(1), 3));
    }

    private static PlanOptions.Builder options(FileType type) {
        return PlanOptions.builder().alpha(0.5f).fileType(type);
    }

    private ExpoReport write(Ingredients<Path> models, PlanOptions options, String name, OutputOptions how)
            throws IOException {
        try (Extrapolator opened = Extrapolator.open(models)) {
            return opened.write(options, directory.resolve(name), how);
        }
    }

    /** Writes with and without, compares, and returns what was reused. */
    private Reused compare(Ingredients<Path> models, PlanOptions options, Path old, OutputOptions how)
            throws IOException {
        ExpoReport plain = write(models, options, "plain.gguf", how);
        ExpoReport reusing = write(models, options, "reusing.gguf", how.withReuse(old));
        for (int i = 0; i < plain.files().size(); i++) {
            assertThat(reusing.files().get(i))
                    .hasSameBinaryContentAs(plain.files().get(i));
        }
        assertThat(reusing.keptBytes()).isZero();
        assertThat(plain.reused()).isEmpty();
        return reusing.reused().orElseThrow();
    }

    private Reused compare(PlanOptions before, PlanOptions now) throws IOException {
        Ingredients<Path> pair = Ingredients.pair(sft, aligned);
        Path old = write(pair, before, "old.gguf", FORCE).files().getFirst();
        return compare(pair, now, old, FORCE.withThreads(2));
    }

    private static void assertOnly(Reused reused, Cause... causes) {
        assertThat(reused.computed().keySet()).isEqualTo(Set.of(causes));
    }

    @Test
    void theSameOutputIsTakenWhole() throws IOException {
        PlanOptions options = options(FileType.Q4_K_M).build();
        Reused reused = compare(options, options);
        assertThat(reused.tensors()).isEqualTo(TENSORS);
        assertThat(reused.computed()).isEmpty();
        assertThat(reused.refusal()).isEmpty();
    }

    @Test
    void anotherMixtureSharesWhatHasTheSameTypes() throws IOException {
        Reused reused = compare(
                options(FileType.Q4_K_M).build(), options(FileType.Q5_K_M).build());
        assertOnly(reused, Cause.TYPE);
        assertThat(reused.tensors()).isBetween(TENSORS / 3, TENSORS - 1);
        assertThat(reused.bytes()).isPositive();
        PlanOptions ruled = options(FileType.Q4_K_M)
                .tensorTypes(List.of(TensorTypeRule.parse("blk.1.ffn_up=q6_k")))
                .build();
        Reused most = compare(options(FileType.Q4_K_M).build(), ruled);
        assertThat(most.computed()).containsExactly(Map.entry(Cause.TYPE, List.of("blk.1.ffn_up.weight")));
    }

    @Test
    void tensorsWithAnotherAlphaAreComputed() throws IOException {
        PlanOptions ruled = options(FileType.Q4_K_M)
                .alphaRules(List.of(TensorAlphaRule.parse("blk\\.2\\.=0.1")))
                .build();
        Reused reused = compare(options(FileType.Q4_K_M).build(), ruled);
        assertOnly(reused, Cause.VALUES);
        assertThat(reused.computed().get(Cause.VALUES)).allMatch(name -> name.startsWith("blk.2."));
        Reused none = compare(
                options(FileType.Q4_K_M).build(),
                options(FileType.Q4_K_M).alpha(0.25f).build());
        assertThat(none.tensors()).isZero();
        Reused rounded = compare(
                options(FileType.Q8_0).build(),
                options(FileType.Q8_0).rounding(new Rounding.Stochastic(7)).build());
        assertOnly(rounded, Cause.VALUES);
    }

    @Test
    void importancesAreProvenByTheirFile() throws IOException {
        PlanOptions first = options(FileType.Q4_K_M).imatrix(MODEL.imatrix(1)).build();
        assertOnly(compare(first, first), Cause.IMPORTANCE); // which it had in memory, nobody knows
        assertOnly(compare(options(FileType.Q4_K_M).build(), first), Cause.IMPORTANCE);
        assertOnly(compare(first, options(FileType.Q4_K_M).build()), Cause.IMPORTANCE);
        PlanOptions unread = options(FileType.Q8_0).imatrix(MODEL.imatrix(1)).build();
        assertThat(compare(unread, options(FileType.Q8_0).build()).tensors()).isEqualTo(TENSORS);
    }

    @Test
    void quantizingOneModelTakesFromItsOutputs() throws IOException {
        PlanOptions before = PlanOptions.builder().fileType(FileType.Q3_K_M).build();
        PlanOptions now = PlanOptions.builder().fileType(FileType.Q3_K_L).build();
        Path old = write(Ingredients.model(aligned), before, "old.gguf", FORCE)
                .files()
                .getFirst();
        Reused reused = compare(Ingredients.model(aligned), now, old, FORCE);
        assertOnly(reused, Cause.TYPE);
        assertThat(reused.tensors()).isPositive();
    }

    @Test
    void shardsMayDifferAndSeveralOutputsTakeFromOne() throws IOException {
        Ingredients<Path> pair = Ingredients.pair(sft, aligned);
        PlanOptions options = options(FileType.Q4_K_M).build();
        Path old = write(pair, options, "old.gguf", FORCE.withSplitMaxBytes(400_000))
                .files()
                .getLast();
        assertThat(old.getFileName().toString()).contains("-of-");
        assertThat(compare(pair, options, old, FORCE).tensors()).isEqualTo(TENSORS);
        assertThat(compare(pair, options, old, FORCE.withSplitMaxBytes(300_000)).tensors())
                .isEqualTo(TENSORS);
        List<FileType> types = List.of(FileType.Q4_K_M, FileType.Q4_K_S, FileType.F16);
        try (Extrapolator models = Extrapolator.open(pair)) {
            List<Extrapolator.Output> outputs = types.stream()
                    .map(type -> new Extrapolator.Output(
                            options(type).build(), directory.resolve("several-" + type + ".gguf")))
                    .toList();
            List<ExpoReport> reports = models.writeAll(outputs, FORCE.withReuse(old));
            for (int i = 0; i < types.size(); i++) {
                Path plain = write(pair, outputs.get(i).options(), "plain.gguf", FORCE)
                        .files()
                        .getFirst();
                assertThat(outputs.get(i).path()).hasSameBinaryContentAs(plain);
            }
            assertThat(reports.getFirst().reused().orElseThrow().tensors()).isEqualTo(TENSORS);
        }
    }

    @Test
    void adaptersAndFurtherDifferencesAreReusedWithTheirWeightsAndNotWithOthers() throws IOException {
        Path lora = LoraFiles.adapter(MODEL, 4, 8, GgmlType.F32, "blk.0.attn_q.weight", "blk.1.ffn_up.weight")
                .write(directory.resolve("lora.gguf"), TensorValues.random(5));
        Ingredients<Path> adapted = Ingredients.pair(sft, aligned)
                .withAdapters(List.of(new Ingredients.Adapter<>(lora, 0.5f)))
                .withDeltas(List.of(new Ingredients.Delta<>(sft, other, 0.25f)));
        PlanOptions options = options(FileType.Q4_K_M).build();
        Path old = write(adapted, options, "old.gguf", FORCE).files().getFirst();
        assertThat(compare(adapted, options, old, FORCE).tensors()).isEqualTo(TENSORS);
        Ingredients<Path> heavier = adapted.withDeltas(List.of(new Ingredients.Delta<>(sft, other, 0.5f)));
        assertThat(compare(heavier, options, old, FORCE).refusal()).contains("it was made of other models");
        assertThat(compare(Ingredients.pair(sft, aligned), options, old, FORCE).refusal())
                .contains("it was made of other models");
    }

    @Test
    void foldersAreReusedByAllTheirFiles() throws IOException {
        FolderFixture fixture = FolderFixture.of("qwen2");
        Ingredients<Path> folders =
                Ingredients.pair(fixture.sft(), fixture.aligned()).withTemplate(fixture.template());
        int tensors;
        try (GgufModel like = GgufModel.open(fixture.template())) {
            tensors = like.header().tensors().size();
        }
        Path old = write(folders, options(FileType.Q8_0).build(), "old.gguf", FORCE)
                .files()
                .getFirst();
        Reused all = compare(folders, options(FileType.Q8_0).build(), old, FORCE);
        assertThat(all.tensors()).as(all.toString()).isEqualTo(tensors);
        Reused some = compare(folders, options(FileType.F16).build(), old, FORCE);
        assertThat(some.refusal()).isEmpty();
        assertThat(some.tensors()).isBetween(1, tensors - 1);
    }

    @Test
    void aRunThatGoesOnTakesTheRest() throws IOException {
        PlanOptions options = options(FileType.Q4_K_M).build();
        Ingredients<Path> pair = Ingredients.pair(sft, aligned);
        Path old = write(pair, options, "old.gguf", FORCE).files().getFirst();
        Cancellation cancellation = new Cancellation();
        OutputOptions resuming = OutputOptions.defaults().withResume(true);
        OutputOptions half = resuming.withCancellation(cancellation).withListener(progress -> {
            if (progress.stage() == Progress.Stage.EXTRAPOLATE && progress.done() > progress.total() / 2) {
                cancellation.cancel();
            }
        });
        assertThatThrownBy(() -> write(pair, options, "out.gguf", half)).isInstanceOf(CancelledException.class);
        ExpoReport report = write(pair, options, "out.gguf", resuming.withReuse(old));
        assertThat(report.keptBytes()).isPositive();
        assertThat(report.reused().orElseThrow().tensors()).isEqualTo(TENSORS);
        assertThat(report.files().getFirst()).hasSameBinaryContentAs(old);
    }

    @Test
    void otherModelsAreNoticedWhenTheyHaveBeenRead() throws IOException {
        PlanOptions options = options(FileType.Q4_K_M).build();
        Path old = write(Ingredients.pair(sft, other), options, "old.gguf", FORCE)
                .files()
                .getFirst();
        Reused reused = compare(Ingredients.pair(sft, aligned), options, old, FORCE);
        assertThat(reused.tensors()).isZero();
        assertThat(reused.refusal()).contains("it was made of other models");
        assertThat(reused.computed().get(Cause.REFUSED)).hasSize(TENSORS);
    }

    /** What was copied before the models were known is not taken for good by a run that goes on. */
    @Test
    void whatWasNotProvenIsNotResumed() throws IOException {
        PlanOptions options = options(FileType.Q4_K_M).build();
        Ingredients<Path> pair = Ingredients.pair(sft, aligned);
        Path old = write(Ingredients.pair(sft, other), options, "old.gguf", FORCE)
                .files()
                .getFirst();
        Path good = write(pair, options, "good.gguf", FORCE).files().getFirst();
        Cancellation cancellation = new Cancellation();
        OutputOptions resuming = OutputOptions.defaults().withResume(true);
        CancelledException cancelled = catchThrowableOfType(
                CancelledException.class,
                () -> write(
                        pair,
                        options,
                        "out.gguf",
                        resuming.withReuse(old).withCancellation(cancellation).withListener(progress -> {
                            if (progress.stage() == Progress.Stage.EXTRAPOLATE) {
                                cancellation.cancel();
                            }
                        })));
        assertThat(cancelled.isResumable()).isTrue();
        Path resumed = write(pair, options, "out.gguf", resuming).files().getFirst();
        assertThat(resumed).hasSameBinaryContentAs(good);
    }

    @Test
    void damagedTensorsAreComputed() throws IOException {
        PlanOptions options = options(FileType.Q4_K_M).build();
        Ingredients<Path> pair = Ingredients.pair(sft, aligned);
        Path old = write(pair, options, "old.gguf", FORCE).files().getFirst();
        flip(old, offset(old, "blk.1.ffn_down.weight") + 100);
        Reused reused = compare(pair, options, old, FORCE);
        assertThat(reused.computed()).containsExactly(Map.entry(Cause.DAMAGED, List.of("blk.1.ffn_down.weight")));
        Path output = directory.resolve("command.gguf");
        Ran ran = Ran.run(
                "extrapolate",
                "--sft",
                sft,
                "--aligned",
                aligned,
                "--alpha",
                "0.5",
                "--type",
                "Q4_K_M",
                "--reuse",
                old,
                "-o",
                output);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err())
                .contains("warning: " + old + " is damaged: the checksums of 1 tensor are not those of when it was"
                        + " written: blk.1.ffn_down.weight; computed once more");
        assertThat(output).hasSameBinaryContentAs(directory.resolve("plain.gguf"));
    }

    @Test
    void whatSaysSomethingElseThanItDidIsNotBelieved() throws IOException {
        PlanOptions options = options(FileType.Q4_K_M).build();
        Ingredients<Path> pair = Ingredients.pair(sft, aligned);
        Path old = write(pair, options(FileType.Q4_K_M).alpha(0.25f).build(), "old.gguf", FORCE)
                .files()
                .getFirst();
        byte[] bytes = Files.readAllBytes(old);
        int at = indexOf(bytes, "expo.alpha") + "expo.alpha".length() + 4;
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(at, 0.5f);
        Files.write(old, bytes);
        assertThat(compare(pair, options, old, FORCE).refusal())
                .contains("its metadata was changed since it was written");
    }

    @Test
    void whatIsNoOutputOrTheOutputItselfIsRefused() throws IOException {
        PlanOptions options = options(FileType.Q4_K_M).build();
        Ingredients<Path> pair = Ingredients.pair(sft, aligned);
        Path old = write(pair, options, "old.gguf", FORCE).files().getFirst();
        assertThatThrownBy(() -> write(pair, options, "old.gguf", FORCE.withReuse(old)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the output is one of the inputs");
        assertThatThrownBy(() -> write(pair, options, "out.gguf", FORCE.withReuse(aligned)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("aligned.gguf: no tensor can be reused: it carries no recipe and checksums");
        byte[] bytes = Files.readAllBytes(old);
        byte[] damaged = bytes.clone();
        damaged[indexOf(bytes, "expo.llama_cpp.version") + 2] ^= 1;
        Files.write(old, damaged);
        assertThatThrownBy(() -> write(pair, options, "out.gguf", FORCE.withReuse(old)))
                .isInstanceOf(VerificationException.class)
                .hasMessageContaining("old.gguf: no tensor can be reused: ");
        Files.write(old, Arrays.copyOf(bytes, bytes.length - 1000));
        assertThatThrownBy(() -> write(pair, options, "out.gguf", FORCE.withReuse(old)))
                .isInstanceOf(GgufFormatException.class);
        assertThat(directory.resolve("out.gguf")).doesNotExist();
        assertThatThrownBy(() -> write(pair, options, "out.gguf", FORCE.withReuse(directory.resolve("missing"))))
                .isInstanceOf(IOException.class);
    }

    @Test
    void theCommandSaysWhatItReuses() throws IOException {
        Path imatrix = imatrixFile();
        Path old = directory.resolve("old.gguf");
        Path now = directory.resolve("now.gguf");
        Path plain = directory.resolve("plain.gguf");
        run("quantize", "-m", aligned, "--type", "Q4_K_M", "--imatrix", imatrix, "-o", old);
        run("quantize", "-m", aligned, "--type", "Q5_K_M", "--imatrix", imatrix, "-o", plain);
        Ran planned = run("plan", "-m", aligned, "--type", "Q5_K_M", "--imatrix", imatrix, "--reuse", old);
        assertThat(planned.out().replaceAll("\\s+", " "))
                .contains(" reusable from " + old + "; computed: ")
                .contains("; if it was made of these files and is not damaged");
        Ran text = run("quantize", "-m", aligned, "--type", "Q5_K_M", "--imatrix", imatrix, "--reuse", old, "-o", now);
        assertThat(text.out()).contains(" reused from ").contains(" of another type (");
        assertThat(now).hasSameBinaryContentAs(plain);
        Ran json = run(
                "quantize",
                "-m",
                aligned,
                "--type",
                "Q5_K_M",
                "--imatrix",
                imatrix,
                "--reuse",
                old,
                "-o",
                now,
                "--force",
                "--json");
        var reused =
                json.json().getAsJsonArray("outputs").get(0).getAsJsonObject().getAsJsonObject("reused");
        assertThat(reused.get("tensors").getAsInt()).isPositive();
        assertThat(reused.getAsJsonObject("computed").keySet()).containsExactly("type");
        Ran others = run(
                "quantize",
                "-m",
                other,
                "--type",
                "Q4_K_M",
                "--imatrix",
                imatrix,
                "--reuse",
                old,
                "-o",
                now,
                "--force");
        assertThat(others.err()).contains("note: no tensor of " + old + " can be reused: it was made of other models");
    }

    private static Ran run(Object... words) {
        Ran ran = Ran.run(words);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return ran;
    }

    /** One in the older format. */
    private Path imatrixFile() throws IOException {
        Imatrix imatrix = MODEL.imatrix(1);
        var out = new ByteArrayOutputStream();
        out.writeBytes(little(imatrix.tensors().size()));
        for (String name : imatrix.tensors()) {
            float[] weights = imatrix.weights(name).orElseThrow();
            out.writeBytes(little(name.length()));
            out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(little(1));
            out.writeBytes(little(weights.length));
            for (float weight : weights) {
                out.writeBytes(little(Float.floatToRawIntBits(weight)));
            }
        }
        return Files.write(directory.resolve("imatrix.dat"), out.toByteArray());
    }

    private static byte[] little(int number) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .array();
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    private static long offset(Path file, String tensor) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            TensorInfo found = model.header().tensors().stream()
                    .filter(any -> any.name().equals(tensor))
                    .findFirst()
                    .orElseThrow();
            return model.place(found).orElseThrow().position();
        }
    }

    private static void flip(Path file, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1)}), offset);
        }
    }

    @Test
    void optionsKeepIt() {
        assertThat(FORCE.withReuse(sft).withThreads(1).reuse()).isEqualTo(Optional.of(sft));
        assertThat(FORCE.reuse()).isEmpty();
    }
}
