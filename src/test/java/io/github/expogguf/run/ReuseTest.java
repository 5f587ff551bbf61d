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
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.metadata.Checksums;
import io.github.expogguf.plan.metadata.Origins;
import io.github.expogguf.plan.metadata.RealisedMetadata;
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
import io.github.expogguf.verify.VerificationReport;
import io.github.expogguf.verify.Verifier;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.OutputOptions;
import io.github.expogguf.work.Progress;
import io.github.expogguf.work.WorkOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
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
        assertOnly(reused, Cause.ALPHA);
        assertThat(reused.computed().get(Cause.ALPHA)).allMatch(name -> name.startsWith("blk.2."));
        Reused none = compare(
                options(FileType.Q4_K_M).build(),
                options(FileType.Q4_K_M).alpha(0.25f).build());
        assertThat(none.tensors()).isZero();
        Reused rounded = compare(
                options(FileType.Q8_0).build(),
                options(FileType.Q8_0).rounding(new Rounding.Stochastic(7)).build());
        assertOnly(rounded, Cause.ROUNDING);
    }

    /** Wherever they come from: from a file, or from a text that a model read. */
    @Test
    void importancesAreProvenByTheirValues() throws IOException {
        PlanOptions first = options(FileType.Q4_K_M).imatrix(MODEL.imatrix(1)).build();
        assertThat(compare(first, first).tensors()).isEqualTo(TENSORS);
        Map<String, float[]> weights = new HashMap<>();
        MODEL.imatrix(1)
                .tensors()
                .forEach(
                        name -> weights.put(name, MODEL.imatrix(1).weights(name).orElseThrow()));
        weights.computeIfPresent("blk.1.ffn_up.weight", (_, values) -> {
            float[] others = values.clone();
            others[3] += 1;
            return others;
        });
        PlanOptions second =
                options(FileType.Q4_K_M).imatrix(new Imatrix(weights)).build();
        assertThat(compare(first, second).computed())
                .containsExactly(Map.entry(Cause.IMPORTANCE, List.of("blk.1.ffn_up.weight")));
        assertOnly(compare(options(FileType.Q4_K_M).build(), first), Cause.IMPORTANCE);
        assertOnly(compare(first, options(FileType.Q4_K_M).build()), Cause.IMPORTANCE);
        PlanOptions unread = options(FileType.Q8_0).imatrix(MODEL.imatrix(1)).build();
        assertThat(compare(unread, options(FileType.Q8_0).build()).tensors()).isEqualTo(TENSORS);
    }

    /** Of which llama-imatrix records nothing, so that another matrix changes nothing. */
    @Test
    void tiedEmbeddingsHaveNoImportances() throws IOException {
        TinyModel tied = TinyModels.llama(Sizes.of(2, 256, 512, 4, 2).withTiedEmbeddings());
        Path model = tied.write(directory.resolve("tied.gguf"), TensorValues.random(4));
        PlanOptions before = PlanOptions.builder()
                .fileType(FileType.Q4_K_M)
                .imatrix(withoutEmbedding(tied, 1))
                .build();
        PlanOptions now = PlanOptions.builder()
                .fileType(FileType.Q4_K_M)
                .imatrix(withoutEmbedding(tied, 2))
                .build();
        Path old = write(Ingredients.model(model), before, "old.gguf", FORCE)
                .files()
                .getFirst();
        Reused reused = compare(Ingredients.model(model), now, old, FORCE);
        assertOnly(reused, Cause.IMPORTANCE);
        assertThat(reused.computed().get(Cause.IMPORTANCE)).doesNotContain("token_embd.weight");
        assertThat(reused.tensors()).isPositive();
    }

    private static Imatrix withoutEmbedding(TinyModel model, long seed) {
        Imatrix all = model.imatrix(seed);
        Map<String, float[]> weights = new HashMap<>();
        all.tensors().forEach(name -> weights.put(name, all.weights(name).orElseThrow()));
        weights.remove("token_embd.weight");
        return new Imatrix(weights);
    }

    @Test
    void expertsAreReusedWithTheirImportances() throws IOException {
        TinyModel moe = TinyModels.llama(Sizes.of(2, 256, 256, 4, 2).withExperts(4));
        Path from = moe.write(directory.resolve("moe-sft.gguf"), TensorValues.random(6));
        Path to = moe.write(directory.resolve("moe.gguf"), TensorValues.near(TensorValues.random(6), 7));
        Ingredients<Path> pair = Ingredients.pair(from, to);
        PlanOptions before = options(FileType.Q3_K_M).imatrix(moe.imatrix(1)).build();
        Path old = write(pair, before, "old.gguf", FORCE).files().getFirst();
        assertThat(compare(pair, before, old, FORCE.withThreads(3)).computed()).isEmpty();
        PlanOptions mixed = before.toBuilder()
                .alphaRules(List.of(TensorAlphaRule.parse("blk\\.1\\.ffn_down_exps=0.25")))
                .tensorTypes(List.of(TensorTypeRule.parse("blk.0.ffn_up_exps=q5_k")))
                .build();
        assertThat(compare(pair, mixed, old, FORCE).computed())
                .isEqualTo(Map.of(
                        Cause.ALPHA, List.of("blk.1.ffn_down_exps.weight"),
                        Cause.TYPE, List.of("blk.0.ffn_up_exps.weight")));
    }

    @Test
    void quantizingOneModelTakesFromItsOutputs() throws IOException {
        PlanOptions before = PlanOptions.builder().fileType(FileType.Q3_K_M).build();
        PlanOptions now = PlanOptions.builder().fileType(FileType.Q3_K_L).build();
        Set<Progress.Stage> stages = EnumSet.noneOf(Progress.Stage.class);
        Path old = write(
                        Ingredients.model(aligned),
                        before,
                        "old.gguf",
                        FORCE.withListener(progress -> stages.add(progress.stage())))
                .files()
                .getFirst();
        assertThat(stages).containsExactly(Progress.Stage.QUANTIZE, Progress.Stage.VERIFY);
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
    void anAdapterWithAnotherWeightChangesWhatItAdapts() throws IOException {
        String[] changed = {"blk.0.attn_q.weight", "blk.1.ffn_up.weight"};
        Path lora = lora("lora.gguf", 5, changed);
        Ingredients<Path> pair = Ingredients.pair(sft, aligned);
        Ingredients<Path> adapted = pair.withAdapters(List.of(new Ingredients.Adapter<>(lora, 0.5f)));
        PlanOptions options = options(FileType.Q4_K_M).build();
        Path old = write(adapted, options, "old.gguf", FORCE).files().getFirst();
        assertThat(compare(adapted, options, old, FORCE).tensors()).isEqualTo(TENSORS);
        Map<Cause, List<String>> two = Map.of(Cause.ADAPTERS, List.of(changed));
        Ingredients<Path> heavier = pair.withAdapters(List.of(new Ingredients.Adapter<>(lora, 0.75f)));
        assertThat(compare(heavier, options, old, FORCE).computed()).isEqualTo(two);
        assertThat(compare(pair, options, old, FORCE).computed()).isEqualTo(two);
        Ingredients<Path> others =
                pair.withAdapters(List.of(new Ingredients.Adapter<>(lora("others.gguf", 6, changed), 0.5f)));
        assertThat(compare(others, options, old, FORCE).computed()).isEqualTo(Map.of(Cause.INPUTS, List.of(changed)));
        Ingredients<Path> more = pair.withAdapters(List.of(
                new Ingredients.Adapter<>(lora, 0.5f),
                new Ingredients.Adapter<>(lora("more.gguf", 7, "blk.2.ffn_up.weight"), 1)));
        assertThat(compare(more, options, old, FORCE).computed())
                .isEqualTo(Map.of(Cause.ADAPTERS, List.of("blk.2.ffn_up.weight")));
        Ran ran = run(
                "extrapolate",
                "--sft",
                sft,
                "--aligned",
                aligned,
                "--adapter",
                lora + "=0.75",
                "--alpha",
                "0.5",
                "--type",
                "Q4_K_M",
                "--reuse",
                old,
                "-o",
                directory.resolve("command.gguf"));
        assertThat(ran.out().replaceAll("\\s+", " "))
                .contains((TENSORS - 2) + " of " + TENSORS + " tensors (")
                .contains("; 2 computed: 2 with other adapters or other weights of them (blk.0.attn_q.weight,"
                        + " blk.1.ffn_up.weight)");
    }

    private Path lora(String name, long seed, String... tensors) throws IOException {
        return LoraFiles.adapter(MODEL, 4, 8, GgmlType.F32, tensors)
                .write(directory.resolve(name), TensorValues.random(seed));
    }

    @Test
    void furtherDifferencesAreReusedWithTheirWeights() throws IOException {
        Ingredients<Path> pair = Ingredients.pair(sft, aligned);
        Ingredients<Path> more = pair.withDeltas(List.of(new Ingredients.Delta<>(sft, other, 0.25f)));
        PlanOptions options = options(FileType.Q4_K_M).build();
        Path old = write(more, options, "old.gguf", FORCE).files().getFirst();
        assertThat(compare(more, options, old, FORCE).tensors()).isEqualTo(TENSORS);
        Ingredients<Path> heavier = pair.withDeltas(List.of(new Ingredients.Delta<>(sft, other, 0.5f)));
        assertThat(compare(heavier, options, old, FORCE).computed().get(Cause.ALPHA))
                .hasSize(TENSORS);
        assertThat(compare(pair, options, old, FORCE).computed().get(Cause.INPUTS))
                .hasSize(TENSORS);
        Ingredients<Path> otherFile = pair.withDeltas(List.of(new Ingredients.Delta<>(sft, aligned, 0.25f)));
        assertThat(compare(otherFile, options, old, FORCE).computed().get(Cause.INPUTS))
                .hasSize(TENSORS);
    }

    @Test
    void aRankIsReusedWithItsDirections() throws IOException {
        PlanOptions options = options(FileType.Q4_K_M).rank(2).build();
        assertThat(compare(options, options).tensors()).isEqualTo(TENSORS);
        PlanOptions ruled = options.toBuilder()
                .alphaRules(List.of(TensorAlphaRule.parse("blk\\.1\\.attn_v=0.25")))
                .build();
        assertThat(compare(options, ruled).computed())
                .containsExactly(Map.entry(Cause.ALPHA, List.of("blk.1.attn_v.weight")));
        assertThat(compare(options, options.toBuilder().rank(3).build()).computed())
                .containsOnlyKeys(Cause.ALPHA);
    }

    @Test
    void aChangedShardCostsItsTensors() throws IOException {
        OutputOptions split = FORCE.withSplitMaxBytes(1_500_000);
        List<Path> shards = write(
                        Ingredients.model(aligned), PlanOptions.builder().build(), "in.gguf", split)
                .files();
        assertThat(shards).hasSizeGreaterThan(2);
        Ingredients<Path> pair = Ingredients.pair(sft, shards.getFirst());
        PlanOptions options = options(FileType.Q4_K_M).build();
        Path old = write(pair, options, "old.gguf", FORCE).files().getFirst();
        Path changed = shards.get(1);
        List<String> itsTensors = GgufReader.read(changed).tensors().stream()
                .map(TensorInfo::name)
                .toList();
        Files.setLastModifiedTime(changed, FileTime.fromMillis(0));
        flip(changed, Files.size(changed) - 2);
        Reused reused = compare(pair, options, old, FORCE.withThreads(2));
        assertThat(reused.computed()).containsExactly(Map.entry(Cause.INPUTS, itsTensors));
        assertThat(reused.tensors()).isEqualTo(TENSORS - itsTensors.size());
    }

    /** What arrived of alpha in a tensor that is copied is not measured again, so that its pair is not read for it. */
    @Test
    void whatArrivedOfAlphaIsTakenOver() throws IOException {
        PlanOptions options = options(FileType.Q4_K_M).build();
        Ingredients<Path> pair = Ingredients.pair(sft, aligned);
        Path old = write(pair, options, "old.gguf", FORCE).files().getFirst();
        double[] sums;
        try (GgufModel model = GgufModel.open(old)) {
            sums = RealisedMetadata.sums(model.header().metadata()).orElseThrow();
        }
        replace(old, doubles(sums[6], sums[7]), doubles(1234, sums[7]));
        seal(old);
        ExpoReport report = write(pair, options, "out.gguf", FORCE.withReuse(old));
        assertThat(report.reused().orElseThrow().tensors()).isEqualTo(TENSORS);
        assertThat(report.steps().get(1).sums().stepSquares()).isEqualTo(1234);
        VerificationReport verified = Verifier.verify(report.files().getFirst(), pair, WorkOptions.defaults());
        assertThat(verified.findings()).anyMatch(finding -> finding.toString().contains(RealisedMetadata.SUMS));
    }

    @Test
    void whatSaysNothingOfItsTensorsIsNotReused() throws IOException {
        PlanOptions options = options(FileType.Q4_K_M).build();
        Ingredients<Path> pair = Ingredients.pair(sft, aligned);
        Path old = write(pair, options, "old.gguf", FORCE).files().getFirst();
        replace(
                old,
                Origins.KEY.getBytes(StandardCharsets.UTF_8),
                "user.origin.tensors".getBytes(StandardCharsets.UTF_8));
        seal(old);
        Reused reused = compare(pair, options, old, FORCE);
        assertThat(reused.refusal().orElseThrow()).contains("(" + Origins.KEY + ")");
        Path output = directory.resolve("command.gguf");
        Ran ran = run(
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
        assertThat(ran.out().replaceAll("\\s+", " "))
                .contains("0 of " + TENSORS + " tensors (0 B) reused from " + old + "; " + TENSORS
                        + " computed, since it was written before files said");
        assertThat(output).hasSameBinaryContentAs(directory.resolve("plain.gguf"));
    }

    private static byte[] doubles(double... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(numbers);
        return bytes.array();
    }

    private static void replace(Path file, byte[] from, byte[] to) throws IOException {
        assertThat(to).hasSameSizeAs(from);
        byte[] bytes = Files.readAllBytes(file);
        int at = indexOf(bytes, new String(from, StandardCharsets.ISO_8859_1));
        assertThat(at).isPositive();
        System.arraycopy(to, 0, bytes, at, to.length);
        Files.write(file, bytes);
    }

    /** Gives a file whose metadata was changed the checksum of it. */
    private static void seal(Path file) throws IOException {
        int before;
        int now;
        try (GgufModel model = GgufModel.open(file)) {
            before = Checksums.read(model.header().metadata()).orElseThrow().metadata();
            now = Checksums.ofMetadata(model.header().metadata());
        }
        HexFormat hex = HexFormat.of();
        replace(
                file,
                hex.toHexDigits(before).getBytes(StandardCharsets.US_ASCII),
                hex.toHexDigits(now).getBytes(StandardCharsets.US_ASCII));
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
    void aShardOfAFolderCostsWhatIsInIt() throws IOException {
        FolderFixture fixture = FolderFixture.of("llama_shards");
        Path from = copy(fixture.sft(), "sft");
        Path to = copy(fixture.aligned(), "aligned");
        Ingredients<Path> folders = Ingredients.pair(from, to).withTemplate(fixture.template());
        PlanOptions options = options(FileType.F16).build();
        Path old = write(folders, options, "old.gguf", FORCE).files().getFirst();
        Files.writeString(to.resolve("config.json"), " ", StandardOpenOption.APPEND);
        assertThat(compare(folders, options, old, FORCE).computed()).isEmpty();
        Path shard = from.resolve("model-00003-of-00004.safetensors");
        flip(shard, Files.size(shard) - 2);
        assertThat(compare(folders, options, old, FORCE).computed())
                .isEqualTo(Map.of(Cause.INPUTS, List.of("blk.0.ffn_up.bias", "blk.0.ffn_up.weight")));
    }

    private Path copy(Path folder, String name) throws IOException {
        Path copy = Files.createDirectory(directory.resolve(name));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    /** The first shard says how many heads there are, and so in which order the adapter of PEFT has its rows. */
    @Test
    void whatIsPutTogetherInAnotherOrderIsComputed() throws IOException {
        Path template = FolderFixture.of("llama").template();
        Path adapter = template.resolveSibling("../adapters/llama_plain").normalize();
        List<Path> shards;
        try (Extrapolator model = Extrapolator.open(Ingredients.model(template))) {
            shards = model.write(
                            PlanOptions.builder().build(),
                            directory.resolve("base.gguf"),
                            FORCE.withSplitMaxBytes(6_000))
                    .files();
        }
        Ingredients<Path> adapted = Ingredients.pair(shards.getFirst(), shards.getFirst())
                .withAdapters(List.of(new Ingredients.Adapter<>(adapter, 1)));
        PlanOptions options = options(FileType.F16).build();
        Path old = write(adapted, options, "old.gguf", FORCE).files().getFirst();
        byte[] bytes = Files.readAllBytes(shards.getFirst());
        String key = "llama.attention.head_count";
        int value = indexOf(bytes, key + "\4") + key.length() + 4;
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(header.getInt(value)).isEqualTo(4);
        header.putInt(value, 2);
        Files.write(shards.getFirst(), bytes);
        Reused reused = compare(adapted, options, old, FORCE);
        assertThat(reused.tensors()).isPositive();
        assertThat(reused.computed().get(Cause.ADAPTERS)).contains("blk.0.attn_q.weight");
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
        assertThat(reused.refusal()).isEmpty();
        assertThat(reused.computed().get(Cause.INPUTS)).hasSize(TENSORS);
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
                .contains(" reusable from " + old + "; ")
                .contains("; if it was made of these files and is not damaged");
        Ran text = run("quantize", "-m", aligned, "--type", "Q5_K_M", "--imatrix", imatrix, "--reuse", old, "-o", now);
        assertThat(text.out().replaceAll("\\s+", " "))
                .contains(" reused from " + old + "; 20 computed: 20 of another type (");
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
        assertThat(others.out().replaceAll("\\s+", " "))
                .contains("0 of " + TENSORS + " tensors (0 B) reused from " + old)
                .contains(" from other tensors or files (");
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
