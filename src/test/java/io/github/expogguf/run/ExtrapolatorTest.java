package io.github.expogguf.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TinyModels.Sizes;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExtrapolatorTest {

    private static final TinyModel MODEL =
            TinyModels.llama(Sizes.of(2, 256, 512, 4, 2)).withMatrices(GgmlType.F16);

    /** Of a run that resumes nothing. */
    private static final Set<Progress.Stage> STAGES =
            EnumSet.of(Progress.Stage.COMPARE, Progress.Stage.EXTRAPOLATE, Progress.Stage.VERIFY);

    @TempDir
    static Path inputs;

    private static Path sft;
    private static Path aligned;

    @TempDir
    Path directory;

    @BeforeAll
    static void writeInputs() {
        sft = MODEL.write(inputs.resolve("sft.gguf"), TensorValues.random(1));
        aligned = MODEL.write(inputs.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
    }

    private static PlanOptions options(float alpha, FileType type) {
        return PlanOptions.builder().alpha(alpha).fileType(type).build();
    }

    private ExpoReport write(PlanOptions options, OutputOptions how) throws IOException {
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            return pair.write(options, directory.resolve("out.gguf"), how);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"Q4_K_M", "Q8_0", "F16", "IQ4_XS"})
    void writesTheSameFileOnAnyNumberOfThreads(FileType type) throws IOException {
        write(options(0.5f, type), OutputOptions.defaults().withThreads(1));
        byte[] one = Files.readAllBytes(directory.resolve("out.gguf"));
        for (int threads : new int[] {2, 7}) {
            write(
                    options(0.5f, type),
                    OutputOptions.defaults().withThreads(threads).withForce(true));
            assertThat(directory.resolve("out.gguf")).hasBinaryContent(one);
        }
    }

    @Test
    void plansTheSizeToTheByte() throws IOException {
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            PlanOptions options = options(0.5f, FileType.Q5_K_M);
            long planned = pair.outputBytes(pair.plan(options), OutputOptions.defaults());
            ExpoReport report = pair.write(options, directory.resolve("out.gguf"), OutputOptions.defaults());
            assertThat(report.outputBytes()).isEqualTo(planned);
            assertThat(directory.resolve("out.gguf")).hasSize(planned);
        }
    }

    @Test
    void saysWhatIsReadTwiceWhereTensorsStandInAnotherOrder() throws IOException {
        List<TensorSpec> moved = new ArrayList<>(MODEL.tensors());
        TensorSpec last = moved.removeLast();
        moved.addFirst(last);
        Path other =
                new TinyModel(MODEL.metadata(), moved).write(directory.resolve("other.gguf"), TensorValues.random(1));
        try (Extrapolator same = Extrapolator.open(sft, aligned);
                Extrapolator pair = Extrapolator.open(other, aligned)) {
            Plan plan = same.plan(options(0.5f, FileType.F16));
            assertThat(same.inputBytes()).isEqualTo(Files.size(sft) + Files.size(aligned));
            assertThat(same.repeatedBytes(plan, WorkOptions.defaults())).isZero();
            plan = pair.plan(options(0.5f, FileType.F16));
            long bytes = last.type().rowBytes(last.shape().rowLength())
                    * last.shape().rowCount();
            assertThat(pair.repeatedBytes(plan, WorkOptions.defaults())).isEqualTo(bytes);
        }
        write(options(0.5f, FileType.F16), OutputOptions.defaults());
        try (Extrapolator pair = Extrapolator.open(other, aligned)) {
            pair.write(options(0.5f, FileType.F16), directory.resolve("other-out.gguf"), OutputOptions.defaults());
        }
        assertThat(data(directory.resolve("other-out.gguf"))).isEqualTo(data(directory.resolve("out.gguf")));
    }

    /** The bytes of all tensors. */
    private static byte[] data(Path file) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            byte[] all = Files.readAllBytes(file);
            return Arrays.copyOfRange(
                    all, Math.toIntExact(model.files().getFirst().dataOffset()), all.length);
        }
    }

    @Test
    void alphaZeroReturnsTheAlignedTensorsUnchanged() throws IOException {
        ExpoReport report = write(PlanOptions.builder().alpha(0).build(), OutputOptions.defaults());
        assertThat(report.copied()).isEqualTo(MODEL.tensors().size());
        assertThat(tensors(report.files())).isEqualTo(tensors(List.of(aligned)));
    }

    @Test
    void keepsEveryTypeWithoutAFileType() throws IOException {
        ExpoReport report = write(PlanOptions.builder().alpha(0.3f).build(), OutputOptions.defaults());
        assertThat(report.extrapolated()).isEqualTo(MODEL.tensors().size());
        assertThat(GgufReader.read(report.files().getFirst()).tensors())
                .extracting(TensorInfo::type)
                .isEqualTo(GgufReader.read(aligned).tensors().stream()
                        .map(TensorInfo::type)
                        .toList());
    }

    @Test
    void copiesTensorsThatAreTheSameInBothAndConvertsThemWhereTheTypeChanges() throws IOException {
        TensorValues base = TensorValues.random(1);
        TensorValues near = TensorValues.near(base, 2);
        TensorValues frozen = tensor -> tensor.name().startsWith("blk.0.") ? base.of(tensor) : near.of(tensor);
        Path half = MODEL.withMatrices(GgmlType.Q8_0).write(directory.resolve("frozen.gguf"), frozen);
        Path from = MODEL.withMatrices(GgmlType.Q8_0).write(directory.resolve("from.gguf"), base);
        try (Extrapolator pair = Extrapolator.open(from, half)) {
            ExpoReport report =
                    pair.write(options(2, FileType.Q8_0), directory.resolve("out.gguf"), OutputOptions.defaults());
            assertThat(report.identical()).hasSize(9).allMatch(name -> name.startsWith("blk.0."));
            assertThat(report.copied()).isEqualTo(9);
            Map<String, String> ours = tensors(report.files());
            Map<String, String> theirs = tensors(List.of(half));
            ours.keySet().removeIf(name -> !name.startsWith("blk.0."));
            theirs.keySet().removeIf(name -> !name.startsWith("blk.0."));
            assertThat(ours).isEqualTo(theirs);

            ExpoReport other =
                    pair.write(options(2, FileType.Q4_0), directory.resolve("other.gguf"), OutputOptions.defaults());
            assertThat(other.copied()).isEqualTo(2); // the norms stay F32
            assertThat(other.converted()).isEqualTo(7);
        }
    }

    @Test
    void copiesIntegerTensors() throws IOException {
        TinyModel withTable = MODEL.with("table", GgmlType.I32, 7, 3);
        Path a = withTable.write(directory.resolve("a.gguf"), TensorValues.random(1));
        Path b = withTable.write(directory.resolve("b.gguf"), TensorValues.random(2));
        try (Extrapolator pair = Extrapolator.open(a, b)) {
            ExpoReport report =
                    pair.write(options(1, FileType.Q4_0), directory.resolve("out.gguf"), OutputOptions.defaults());
            assertThat(report.plan().tasks().getLast()).isInstanceOf(TensorTask.Copy.class);
            assertThat(tensors(report.files()).get("table"))
                    .isEqualTo(tensors(List.of(b)).get("table"));
        }
    }

    @Test
    void namesAnInputThatHoldsNan() throws IOException {
        Path broken = MODEL.write(directory.resolve("broken.gguf"), withNans(TensorValues.random(1)));
        try (Extrapolator pair = Extrapolator.open(broken, aligned)) {
            assertThatThrownBy(() -> pair.write(
                            options(1, FileType.Q4_K_M), directory.resolve("out.gguf"), OutputOptions.defaults()))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessage("broken.gguf: tensor 'blk.1.attn_q.weight': 3 of 65536 values are infinite or NaN");
        }
        assertThat(files()).containsExactly(broken);
    }

    @Test
    void looksAtWhatItCopies() throws IOException {
        Path broken = MODEL.write(directory.resolve("broken.gguf"), withNans(TensorValues.random(1)));
        try (Extrapolator pair = Extrapolator.open(aligned, broken)) {
            assertThatThrownBy(() -> pair.write(
                            PlanOptions.builder().alpha(0).build(),
                            directory.resolve("out.gguf"),
                            OutputOptions.defaults()))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessage("broken.gguf: tensor 'blk.1.attn_q.weight': 3 of 65536 values are infinite or NaN");
        }
        try (Extrapolator same = Extrapolator.open(broken, broken)) {
            assertThatThrownBy(() -> same.write(
                            PlanOptions.builder().alpha(0.5f).build(),
                            directory.resolve("out.gguf"),
                            OutputOptions.defaults()))
                    .isInstanceOf(NonFiniteException.class);
        }
        assertThat(files()).containsExactly(broken);
    }

    private static TensorValues withNans(TensorValues values) {
        return tensor -> {
            float[] floats = values.of(tensor);
            if (tensor.name().equals("blk.1.attn_q.weight")) {
                floats[5] = Float.NaN;
                floats[40_000] = Float.POSITIVE_INFINITY;
                floats[65_535] = Float.NaN;
            }
            return floats;
        };
    }

    @Test
    void namesATensorWhoseResultDoesNotFit() throws IOException {
        assertThatThrownBy(() -> write(options(1e7f, FileType.F16), OutputOptions.defaults()))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("aligned.gguf: tensor '")
                .hasMessageContaining("F16");
        assertThat(files()).isEmpty();
    }

    @Test
    void namesATensorWhoseResultIsBeyondFloats() throws IOException {
        TensorValues large = tensor -> {
            float[] values = TensorValues.random(1).of(tensor);
            values[0] += 1000;
            return values;
        };
        Path far = MODEL.write(directory.resolve("far.gguf"), large);
        try (Extrapolator pair = Extrapolator.open(sft, far)) {
            assertThatThrownBy(() -> pair.write(
                            options(3e37f, FileType.F32), directory.resolve("out.gguf"), OutputOptions.defaults()))
                    .isInstanceOf(NonFiniteException.class)
                    .hasMessageMatching("far.gguf: tensor '.*': 1 of \\d+ values are infinite or NaN"
                            + " after extrapolation with alpha 3.0E37");
        }
    }

    @Test
    void refusesAPairThatIsNone() throws IOException {
        Path other = TinyModels.llama(Sizes.of(3, 256, 512, 4, 2))
                .write(directory.resolve("other.gguf"), TensorValues.random(1));
        try (Extrapolator pair = Extrapolator.open(other, aligned)) {
            assertThatThrownBy(() -> pair.write(
                            options(1, FileType.Q4_0), directory.resolve("out.gguf"), OutputOptions.defaults()))
                    .isInstanceOf(ModelMismatchException.class);
        }
        assertThat(files()).containsExactly(other);
    }

    @Test
    void doesNotReplaceAnOutputUnlessForced() throws IOException {
        Path output = Files.writeString(directory.resolve("out.gguf"), "mine");
        assertThatThrownBy(() -> write(options(1, FileType.Q4_0), OutputOptions.defaults()))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(output).hasContent("mine");
        write(options(1, FileType.Q4_0), OutputOptions.defaults().withForce(true));
        assertThat(GgufReader.read(output).tensors()).hasSize(MODEL.tensors().size());
        assertThat(files()).containsExactly(output);
    }

    @Test
    void neverWritesOverAnInputNotEvenThroughLinks() throws IOException {
        Path copy = Files.copy(aligned, directory.resolve("aligned.gguf"));
        Path symbolic = Files.createSymbolicLink(directory.resolve("symbolic.gguf"), copy);
        Path hard = Files.createLink(directory.resolve("hard.gguf"), copy);
        byte[] before = Files.readAllBytes(copy);
        try (Extrapolator pair = Extrapolator.open(sft, copy)) {
            for (Path output : List.of(copy, symbolic, hard)) {
                assertThatThrownBy(() -> pair.write(
                                options(1, FileType.Q4_0),
                                output,
                                OutputOptions.defaults().withForce(true)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("is one of the inputs");
            }
        }
        assertThat(copy).hasBinaryContent(before);
        assertThat(files()).hasSize(3);
    }

    @Test
    void saysThatTheDirectoryIsMissing() throws IOException {
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            assertThatThrownBy(() -> pair.write(
                            options(1, FileType.Q4_0), directory.resolve("no/out.gguf"), OutputOptions.defaults()))
                    .isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void leavesNothingWhenCancelledInAnyStage() throws IOException {
        for (Progress.Stage stage : STAGES) {
            Cancellation cancellation = new Cancellation();
            OutputOptions how = OutputOptions.defaults()
                    .withCancellation(cancellation)
                    .withListener(progress -> {
                        if (progress.stage() == stage) {
                            cancellation.cancel();
                        }
                    });
            assertThatThrownBy(() -> write(options(1, FileType.Q4_0), how)).isInstanceOf(CancelledException.class);
            assertThat(files()).as(stage.toString()).isEmpty();
        }
    }

    @Test
    void leavesNothingWhenTheListenerThrows() throws IOException {
        OutputOptions how = OutputOptions.defaults().withListener(progress -> {
            if (progress.stage() == Progress.Stage.EXTRAPOLATE && progress.done() > 0) {
                throw new IllegalStateException("listener");
            }
        });
        assertThatThrownBy(() -> write(options(1, FileType.Q4_0), how)).hasMessage("listener");
        assertThat(files()).isEmpty();
    }

    @Test
    void reportsProgressThatOnlyGrowsAndArrives() throws IOException {
        List<Progress> seen = new ArrayList<>();
        write(options(1, FileType.Q4_0), OutputOptions.defaults().withListener(seen::add));
        for (Progress.Stage stage : STAGES) {
            List<Progress> of =
                    seen.stream().filter(progress -> progress.stage() == stage).toList();
            assertThat(of).extracting(Progress::done).isSorted();
            assertThat(of.getLast().done()).isEqualTo(of.getLast().total());
        }
    }

    @Test
    void writesShardsThatHoldTheSameTensorsAsOneFile() throws IOException {
        ExpoReport whole = write(options(1, FileType.Q4_0), OutputOptions.defaults());
        ExpoReport split =
                write(options(1, FileType.Q4_0), OutputOptions.defaults().withSplitMaxBytes(200_000));
        assertThat(split.files()).hasSizeGreaterThan(2);
        assertThat(split.files().getFirst().getFileName().toString()).startsWith("out-00001-of-0000");
        assertThat(tensors(split.files())).isEqualTo(tensors(whole.files()));

        try (Extrapolator again =
                Extrapolator.open(split.files().get(1), whole.files().getFirst())) {
            ExpoReport copy = again.write(
                    PlanOptions.builder().alpha(3).build(), directory.resolve("copy.gguf"), OutputOptions.defaults());
            assertThat(copy.identical()).hasSize(MODEL.tensors().size());
        }
        try (Extrapolator kept =
                Extrapolator.open(whole.files().getFirst(), split.files().getLast())) {
            ExpoReport shards = kept.write(
                    PlanOptions.builder().alpha(3).build(),
                    directory.resolve("kept.gguf"),
                    OutputOptions.defaults().withKeepSplit(true));
            assertThat(shards.files()).hasSameSizeAs(split.files());
        }
    }

    @Test
    void writesManyOutputsInOnePassAsItWritesThemOneByOne() throws IOException {
        List<Extrapolator.Output> outputs = new ArrayList<>();
        for (float alpha : new float[] {0, 0.3f, 2}) {
            for (FileType type : List.of(FileType.Q4_K_M, FileType.Q8_0, FileType.F16)) {
                outputs.add(new Extrapolator.Output(
                        options(alpha, type), directory.resolve("out-" + alpha + "-" + type + ".gguf")));
            }
        }
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            List<ExpoReport> reports = pair.writeAll(outputs, OutputOptions.defaults());
            assertThat(reports).hasSameSizeAs(outputs);
            for (Extrapolator.Output output : outputs) {
                Path alone = directory.resolve("alone.gguf");
                pair.write(output.options(), alone, OutputOptions.defaults().withForce(true));
                assertThat(alone).hasSameBinaryContentAs(output.path());
            }
        }
    }

    @Test
    void leavesNothingOfAnyOutputWhenOneFails() throws IOException {
        List<Extrapolator.Output> outputs = List.of(
                new Extrapolator.Output(options(1, FileType.Q8_0), directory.resolve("a.gguf")),
                new Extrapolator.Output(options(1e7f, FileType.F16), directory.resolve("b.gguf")));
        try (Extrapolator pair = Extrapolator.open(sft, aligned)) {
            assertThatThrownBy(() -> pair.writeAll(outputs, OutputOptions.defaults()))
                    .isInstanceOf(NonFiniteException.class);
            Extrapolator.Output first = outputs.getFirst();
            assertThatThrownBy(() -> pair.writeAll(List.of(first, first), OutputOptions.defaults()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void noticesAnInputThatChangesWhileItIsRead() throws IOException {
        Path changing = Files.copy(aligned, directory.resolve("changing.gguf"));
        OutputOptions how = OutputOptions.defaults().withListener(progress -> {
            if (progress.stage() == Progress.Stage.EXTRAPOLATE && progress.done() == 0) {
                appendByte(changing);
            }
        });
        try (Extrapolator pair = Extrapolator.open(sft, changing)) {
            assertThatThrownBy(() -> pair.write(options(1, FileType.Q4_0), directory.resolve("out.gguf"), how))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("changing.gguf");
        }
        assertThat(files()).containsExactly(changing);
    }

    private static void appendByte(Path file) {
        try {
            Files.write(file, new byte[1], java.nio.file.StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Type and bytes of every tensor of a model, in hexadecimal, by name. */
    private static Map<String, String> tensors(List<Path> files) throws IOException {
        Map<String, String> tensors = new HashMap<>();
        try (GgufModel model = GgufModel.open(files.getFirst())) {
            for (GgufFile file : model.files()) {
                for (TensorInfo tensor : file.tensors()) {
                    byte[] bytes = new byte[Math.toIntExact(tensor.byteCount())];
                    model.read(tensor, 0, MemorySegment.ofArray(bytes));
                    tensors.put(
                            tensor.name(), tensor.type() + " " + HexFormat.of().formatHex(bytes));
                }
            }
        }
        return tensors;
    }
}
