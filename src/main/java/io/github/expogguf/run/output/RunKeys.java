package io.github.expogguf.run.output;

import io.github.expogguf.gguf.Crc32c;
import io.github.expogguf.gguf.GgufLayout;
import io.github.expogguf.gguf.GgufReader;
import io.github.expogguf.gguf.Shards.Shard;
import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.infer.ImatrixOptions;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.recipe.RecordedModel;
import io.github.expogguf.plan.recipe.Versions;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.Chunks;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.output.RunKey.Line;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Sha256;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes the keys of all files of a run; reads the headers of the inputs once for all. */
public final class RunKeys {

    private final List<Input> inputs = new ArrayList<>();

    /** An input file as it was when the run began. */
    private record Input(String name, SourceFile file, Identity identity, int headerChecksum) {

        void addTo(List<Line> lines) {
            lines.add(new Line("the size of " + name, identity.size + " bytes"));
            lines.add(new Line("the time of the last change of " + name, identity.modified));
            lines.add(new Line("the inode of " + name, identity.inode));
            lines.add(new Line("the CRC-32C of the header of " + name, hex(headerChecksum)));
        }
    }

    /**
     * Not {@link BasicFileAttributes#fileKey}: it holds the number of the device, which may change when a machine
     * restarts.
     */
    private record Identity(long size, String modified, String inode) {

        static Identity of(Path path) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new Identity(attributes.size(), attributes.lastModifiedTime().toString(), inode(path));
        }

        private static String inode(Path path) throws IOException {
            try {
                return Files.getAttribute(path, "unix:ino").toString();
            } catch (UnsupportedOperationException _) {
                return "unknown";
            }
        }
    }

    public RunKeys(OpenModels models) throws IOException {
        if (models.sft().isPresent()) {
            add("SFT", models.sft().get().sources());
        }
        add("aligned", models.aligned().sources());
        for (SourceModel model : models.ingredients().further()) {
            add("further", model.sources());
        }
    }

    private void add(String role, List<SourceFile> files) throws IOException {
        for (SourceFile file : files) {
            String name = "the " + role + " file "
                    + Escape.quote(file.path().getFileName().toString());
            inputs.add(new Input(name, file, Identity.of(file.path()), headerChecksum(file)));
        }
    }

    /** The key of one file of an output. */
    RunKey of(PlannedOutput output, Shard shard) {
        Plan plan = output.plan();
        List<Line> lines = new ArrayList<>(ofModel(plan));
        lines.add(new Line(
                "the SHA-256 of the importance matrix",
                plan.options()
                        .imatrix()
                        .map(imatrix -> digest(imatrix, plan.tasks()))
                        .orElse("none")));
        lines.add(new Line("the size of the file", shard.layout().fileBytes() + " bytes"));
        lines.add(new Line("the CRC-32C of its header", hex(headerChecksum(shard.layout()))));
        lines.add(new Line("the SHA-256 of the work on its tensors", digest(plan.tasks())));
        return new RunKey(lines);
    }

    /** The key of the sums of an importance matrix. */
    RunKey ofImatrix(Plan plan, ImatrixOptions options, String text) {
        List<Line> lines = new ArrayList<>(ofModel(plan));
        lines.add(new Line("the SHA-256 of the text", digest(text)));
        lines.add(new Line("the size of a chunk", options.chunkTokens() + " tokens"));
        lines.add(new Line("the size of a step", options.batchTokens() + " tokens"));
        lines.add(new Line("whether the output matrix counts", Boolean.toString(options.processOutput())));
        lines.add(new Line("whether special tokens are parsed", Boolean.toString(options.parseSpecial())));
        return new RunKey(lines);
    }

    /** What decides the values of the model. */
    private List<Line> ofModel(Plan plan) {
        Recipe recipe = Recipe.read(plan.metadata()).orElseThrow();
        List<Line> lines = new ArrayList<>();
        lines.add(new Line("the version of the journal", "1"));
        lines.add(new Line("the version of expo-gguf", Versions.EXPO_GGUF));
        lines.add(new Line("the version of llama.cpp", Versions.llamaCpp()));
        inputs.forEach(input -> input.addTo(lines));
        lines.add(new Line(
                "alpha", plan.sft().isPresent() ? Float.toString(plan.options().alpha()) : "none"));
        lines.add(new Line("the list of adapters and further deltas", others(recipe.models())));
        lines.add(new Line(
                "the SHA-256 of the record of these",
                digest(recipe.models().adapters() + ", " + recipe.models().deltas())));
        if (recipe.models().trajectory().isPresent()) {
            lines.add(new Line("the list of checkpoints", checkpoints(recipe.models())));
        }
        lines.add(new Line("the list of options", Escape.text(String.join(", ", recipe.rules()))));
        return lines;
    }

    /** As on the command line. */
    private static String others(Ingredients<RecordedModel> models) {
        String others = Stream.concat(
                        models.adapters().stream()
                                .map(adapter -> files(adapter.model()) + "," + Numbers.brief(adapter.weight())),
                        models.deltas().stream()
                                .map(delta -> files(delta.sft()) + "," + files(delta.aligned()) + ","
                                        + Numbers.brief(delta.weight())))
                .collect(Collectors.joining(" and "));
        return others.isEmpty() ? "empty" : others;
    }

    private static String files(RecordedModel model) {
        return Escape.text(String.join(" ", model.files()));
    }

    /** As in {@code 0=first.gguf, 100=last.gguf}. */
    private static String checkpoints(Ingredients<RecordedModel> models) {
        return models.checkpoints().stream()
                .map(checkpoint -> Escape.text(Numbers.brief(checkpoint.step()) + "="
                        + String.join(" ", checkpoint.model().files())))
                .collect(Collectors.joining(", "));
    }

    /** Whether an input is certainly not the file any more that it was; one that cannot be looked at may come back. */
    boolean inputsChanged() {
        for (Input input : inputs) {
            try {
                if (!Identity.of(input.file.path()).equals(input.identity)) {
                    return true;
                }
            } catch (IOException _) {
                return false;
            }
        }
        return false;
    }

    private static int headerChecksum(SourceFile file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return Crc32c.of(GgufReader.readBytes(file, arena).asSlice(0, file.headerBytes()));
        }
    }

    private static int headerChecksum(GgufLayout layout) {
        try (Arena arena = Arena.ofConfined()) {
            return Crc32c.of(layout.header(arena));
        }
    }

    private static String digest(Imatrix imatrix, List<TensorTask> tasks) {
        MessageDigest digest = Sha256.newDigest();
        for (TensorTask task : tasks) {
            if (task.usesImportance()) {
                float[] weights = imatrix.weights(task.aligned().name()).orElseThrow();
                ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, weights.length))
                        .order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(weights);
                digest.update(bytes);
            }
        }
        return Sha256.digits(digest);
    }

    private static String digest(String text) {
        MessageDigest digest = Sha256.newDigest();
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return Sha256.digits(digest);
    }

    private static String digest(List<TensorTask> tasks) {
        MessageDigest digest = Sha256.newDigest();
        digest.update(("chunks of " + Chunks.MAX_ELEMENTS + "\n").getBytes(StandardCharsets.UTF_8));
        for (TensorTask task : tasks) {
            digest.update((task + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return Sha256.digits(digest);
    }

    private static String hex(int checksum) {
        return HexFormat.of().toHexDigits(checksum);
    }
}
