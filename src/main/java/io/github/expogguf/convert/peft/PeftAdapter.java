package io.github.expogguf.convert.peft;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.SafetensorsFormatException;
import io.github.expogguf.convert.config.ConfigKinds;
import io.github.expogguf.convert.config.ModelNumbers;
import io.github.expogguf.convert.gather.GatheredElements;
import io.github.expogguf.convert.gather.Gathering;
import io.github.expogguf.convert.gather.Part;
import io.github.expogguf.convert.rule.NumberSource;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A LoRA adapter as PEFT saves it, a folder with {@code adapter_config.json} and {@code adapter_model.safetensors},
 * seen as the GGUF adapter of its base: names, shapes and the order of heads are those of the base's tensors, by the
 * rules for its architecture. The scale of each product stands in the metadata, under {@value #SCALE} and the name of
 * the tensor, which no file has: PEFT's patterns and rsLoRA give each tensor one of its own. Any thread may call.
 */
public final class PeftAdapter implements SourceModel {

    /** Key of the scale of a tensor's product, with the name of the tensor behind it. */
    public static final String SCALE = "adapter.lora.scale.";

    private static final String CONFIG = PeftConfig.FILE;
    private static final String MODEL = PeftTensors.FILE;
    private static final String INDEX = "adapter_model.safetensors.index.json";
    private static final String A = ".lora_a";
    private static final String B = ".lora_b";
    private static final long ALIGNMENT = 32; // of GGUF, by default

    private final Checkpoint checkpoint;
    private final GatheredElements elements;
    private final Map<String, Gathering> gatherings = new LinkedHashMap<>();
    private final Map<String, FactorRows> factorRows = new HashMap<>(); // in place of gatherings
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final ModelHeader header;
    private long nextOffset;

    private PeftAdapter(
            Path path, String before, String name, Checkpoint checkpoint, PeftConfig config, ModelHeader base) {
        this.checkpoint = checkpoint;
        this.elements = new GatheredElements(checkpoint);
        Map<String, MetadataValue> metadata = new LinkedHashMap<>();
        metadata.put(
                "general.architecture", MetadataValue.ofString(base.metadata().architecture()));
        metadata.put("general.name", MetadataValue.ofString(name));
        metadata.put("general.type", MetadataValue.ofString("adapter"));
        metadata.put("adapter.type", MetadataValue.ofString("lora"));
        metadata.put("adapter.lora.alpha", MetadataValue.ofFloat32((float) config.alpha()));
        new Placing(path, config, base, metadata).placeAll();
        this.header = new ModelHeader(before + name, new Metadata(metadata), List.copyOf(tensors.values()));
    }

    /**
     * Opens an adapter and finds the tensors of its base that it changes.
     *
     * @param path a folder, or the file of tensors in it
     * @param base the model that it is for
     * @throws io.github.expogguf.UnsupportedTypeException if it is of a kind that is no product of factors
     * @throws ModelMismatchException                      if it is not for the base; lists every reason
     * @throws SafetensorsFormatException                  if it is damaged or incomplete
     * @throws IOException                                 if a file cannot be read
     */
    public static PeftAdapter open(Path path, ModelHeader base) throws IOException {
        return open(path, "", base);
    }

    /**
     * Opens one of several models.
     *
     * @param before what stands before its name in messages, where another model has the same; else empty
     * @see #open(Path, ModelHeader)
     */
    public static PeftAdapter open(Path path, String before, ModelHeader base) throws IOException {
        Path file = Files.isDirectory(path) ? model(path) : path;
        Path config = file.resolveSibling(CONFIG);
        if (!Files.exists(config)) {
            throw new SafetensorsFormatException(
                    path,
                    -1,
                    "no " + CONFIG + ", which PEFT writes beside the factors of an adapter and which says how they are"
                            + " scaled; download it, too, into the same folder");
        }
        Path folder =
                Objects.requireNonNullElse(file.toAbsolutePath().normalize().getParent(), path);
        String name = Objects.requireNonNullElse(folder.getFileName(), path).toString();
        return Checkpoint.open(file, List.of(CONFIG, Checkpoint.CONFIG), checkpoint -> {
            checkpoint
                    .description(Checkpoint.CONFIG)
                    .ifPresent(ofBase ->
                            ConfigKinds.require(ofBase, checkpoint.config().orElseThrow()));
            PeftConfig said = PeftConfig.read(config); // as it is while the checkpoint is open
            return new PeftAdapter(path, before, name, checkpoint, said, base);
        });
    }

    /** Whether a folder, or the file of its tensors, is an adapter's and no model's, be it incomplete. */
    public static boolean isAdapter(Path path) {
        if (!Files.isDirectory(path)) {
            return path.endsWith(MODEL) && !Files.exists(path.resolveSibling(Checkpoint.CONFIG));
        }
        return Stream.of(CONFIG, MODEL, INDEX).anyMatch(name -> Files.exists(path.resolve(name)))
                && !Files.exists(path.resolve(Checkpoint.CONFIG));
    }

    private static Path model(Path folder) {
        for (String name : List.of(MODEL, INDEX)) {
            if (Files.exists(folder.resolve(name))) {
                return folder.resolve(name);
            }
        }
        throw new SafetensorsFormatException(folder, -1, "no " + MODEL + " in this folder" + instead(folder));
    }

    private static String instead(Path folder) {
        if (Files.exists(folder.resolve("adapter_model.bin"))) {
            return ", and adapter_model.bin, which only PyTorch reads, is not read";
        }
        if (Files.exists(folder.resolve(CONFIG))) {
            return " beside " + CONFIG + "; is the download complete?";
        }
        return Files.exists(folder.resolve(Checkpoint.CONFIG))
                ? ", which is a model's: it goes in as the aligned model, not as an adapter"
                : ", expected a folder that PEFT wrote, or a GGUF of the adapter";
    }

    /** Finds the places of all tensors. */
    private final class Placing {

        private final Path path;
        private final PeftConfig config;
        private final ModelHeader base;
        private final Map<String, MetadataValue> metadata;
        private final List<String> problems = new ArrayList<>();
        private final PeftTensors parts;
        private final NumberSource numbers;
        private final Set<String> placed = new HashSet<>(); // names in the base

        Placing(Path path, PeftConfig config, ModelHeader base, Map<String, MetadataValue> metadata) {
            this.path = path;
            this.config = config;
            this.base = base;
            this.metadata = metadata;
            this.parts = new PeftTensors(checkpoint, config, base.metadata().architecture(), problems);
            this.numbers = new ModelNumbers(base.metadata(), checkpoint.config().orElse(Map.of()));
        }

        void placeAll() {
            PeftPlaces places = new PeftPlaces(base, numbers, problems);
            places.find(parts::shapeOfFactors, true).forEach((tensor, gathering) -> placeFactors(tensor, gathering));
            places.find(parts::shapeOfWhole, false).forEach((tensor, gathering) -> placeWhole(tensor, gathering));
            placed.addAll(places.doubted());
            parts.factors().forEach((weight, factors) -> {
                if (!placed.contains(weight)) {
                    problems.add(places.tensorOf(weight)
                            .map(factors::misfit)
                            .orElseGet(() -> "module " + Escape.quote(factors.module()) + nothing()));
                }
            });
            parts.whole().forEach((original, tensor) -> {
                if (!placed.contains(original)) {
                    problems.add(places.tensorOf(original)
                            .map(expected -> parts.misfit(original, tensor, expected))
                            .orElseGet(() -> "tensor " + Escape.quote(tensor.name()) + nothing()));
                }
            });
            config.savedModules().stream()
                    .filter(end -> parts.whole().keySet().stream().noneMatch(name -> PeftTensors.isOfModule(name, end))
                            && places.hasModule(end))
                    .forEach(end -> problems.add("module " + Escape.quote(end) + " of modules_to_save (" + CONFIG
                            + "): there is no tensor of it in " + MODEL));
            if (!problems.isEmpty()) {
                throw new ModelMismatchException(
                        path + " is no LoRA adapter for " + base.name() + ":\n  " + String.join("\n  ", problems) + "\n"
                                + wayOut(),
                        problems);
            }
        }

        private String wayOut() {
            return parts.hasLeftOut()
                    ? "the two files are not of one training: download " + CONFIG + " and " + MODEL + " again"
                    : "an adapter goes with the very model that it was trained on"
                            + config.base()
                                    .map(name -> ", by " + CONFIG + " " + Escape.quote(name))
                                    .orElse("");
        }

        private String nothing() {
            return ": no tensor of the model is made of it (by the rules for "
                    + Escape.quote(base.metadata().architecture()) + ")";
        }

        private void placeFactors(TensorInfo tensor, Gathering gathering) {
            boolean isEmbedding = tensor.name().equals(TensorNames.EMBEDDING);
            Optional<PeftProduct> found = PeftProduct.of(gathering, tensor.shape(), isEmbedding, parts.factors());
            gathering.parts().forEach(part -> placed.add(part.source()));
            if (found.isEmpty()) {
                List<PeftFactors> factors = gathering.parts().stream()
                        .map(Part::source)
                        .distinct()
                        .flatMap(source -> Optional.ofNullable(parts.factors().get(source)).stream())
                        .toList();
                problems.add(
                        factors.size() == 1 && gathering.parts().size() == 1
                                ? factors.getFirst().misfit(tensor)
                                : "tensor " + Escape.quote(tensor.name())
                                        + " is made of modules whose factors make no factors of it: "
                                        + Names.quoted(factors.stream()
                                                .map(PeftFactors::module)
                                                .toList()));
                return;
            }
            PeftProduct product = found.get();
            Shape shape = tensor.shape();
            long rank = product.rank();
            Set<Float> scales = new HashSet<>();
            product.left().forEach(rows -> scales.add(scale(rows)));
            boolean isPlain = product.isWhole() && scales.size() == 1;
            // for embeddings the two are flipped, as in a GGUF (llama-graph.cpp, build_inp_embd)
            String left = tensor.name() + (isEmbedding ? A : B);
            Shape leftShape =
                    isEmbedding ? new Shape(rank, shape.dimension(1)) : stacked(shape, rank, shape.dimension(1));
            if (isPlain) {
                add(left, leftShape, product.wholeLeft());
            } else {
                add(left, leftShape, GgmlType.F32);
                factorRows.put(
                        left,
                        new FactorRows(
                                product.left().stream()
                                        .map(rows -> new FactorRows.Block(rows, scale(rows)))
                                        .toList(),
                                rank));
            }
            if (isEmbedding) {
                add(tensor.name() + B, new Shape(rank, shape.rowLength()), product.right());
            } else {
                add(tensor.name() + A, stacked(shape, shape.rowLength(), rank), product.right());
            }
            metadata.put(
                    SCALE + tensor.name(),
                    MetadataValue.ofFloat32(isPlain ? scales.iterator().next() : 1));
        }

        private float scale(PeftProduct.Rows rows) {
            String module =
                    Objects.requireNonNull(parts.factors().get(rows.source())).module();
            return (float) config.scale(module);
        }

        private static Shape stacked(Shape shape, long rowLength, long rows) {
            return shape.rank() < 3
                    ? new Shape(rowLength, rows)
                    : new Shape(rowLength, rows, shape.dimension(2), shape.dimension(3));
        }

        private void placeWhole(TensorInfo tensor, Gathering gathering) {
            gathering.parts().forEach(part -> placed.add(part.source()));
            String first = gathering.parts().getFirst().source();
            SafetensorsTensor whole = Objects.requireNonNull(parts.whole().get(first));
            if (gathering.parts().size() == 1 && !parts.fits(first, whole, tensor)) {
                problems.add(parts.misfit(first, whole, tensor));
                return;
            }
            List<Part> stored = gathering.parts().stream()
                    .map(part -> new Part(
                            Objects.requireNonNull(parts.whole().get(part.source()))
                                    .name(),
                            part.view(),
                            part.functions()))
                    .toList();
            add(tensor.name(), tensor.shape(), new Gathering(stored));
        }
    }

    private void add(String tensor, Shape shape, Gathering gathering) {
        add(tensor, shape, elements.type(gathering));
        gatherings.put(tensor, gathering);
    }

    private void add(String tensor, Shape shape, GgmlType type) {
        TensorInfo info = new TensorInfo(tensor, type, shape, nextOffset);
        nextOffset = Math.addExact(nextOffset, Math.ceilDiv(info.byteCount(), ALIGNMENT) * ALIGNMENT);
        tensors.put(tensor, info);
    }

    @Override
    public ModelHeader header() {
        return header;
    }

    @Override
    public List<SourceFile> sources() {
        return checkpoint.sources();
    }

    @Override
    public List<GgufFile> ggufFiles() {
        return List.of();
    }

    @Override
    public Optional<Place> place(TensorInfo tensor) {
        require(tensor);
        return Optional.empty();
    }

    /** How the values of a tensor follow from the files: with the same files and the same text they are the same. */
    public String conversion(TensorInfo tensor) {
        require(tensor);
        FactorRows rows = factorRows.get(tensor.name());
        return rows == null
                ? elements.description(Objects.requireNonNull(gatherings.get(tensor.name())))
                : rows.toString();
    }

    /** {@return the file that the values of a tensor are in, or the first of several} */
    public Path file(String tensor) {
        SafetensorsTensor stored =
                Objects.requireNonNull(checkpoint.tensors().get(names(tensor).getFirst()));
        return checkpoint.files().get(stored.file()).path();
    }

    /** {@return the names that the values of a tensor have in the files} */
    public List<String> names(String tensor) {
        FactorRows rows = factorRows.get(tensor);
        Stream<Part> parts = rows == null
                ? Objects.requireNonNull(gatherings.get(tensor)).parts().stream()
                : rows.blocks().stream().map(block -> block.rows().values());
        return parts.map(Part::source).distinct().toList();
    }

    private void require(TensorInfo tensor) {
        if (!tensor.equals(tensors.get(tensor.name()))) {
            throw new IllegalArgumentException(header.name() + " has no tensor " + Escape.quote(tensor.name())
                    + " of this type, shape and offset");
        }
    }

    @Override
    public void read(TensorInfo tensor, long byteOffset, MemorySegment target) throws IOException {
        require(tensor);
        FactorRows rows = factorRows.get(tensor.name());
        if (rows == null) {
            elements.read(Objects.requireNonNull(gatherings.get(tensor.name())), tensor, byteOffset, target);
        } else {
            GatheredElements.requireWithin(tensor, byteOffset, target);
            rows.read(elements, byteOffset / Float.BYTES, target);
        }
    }

    @Override
    public void checkUnchanged() throws IOException {
        checkpoint.checkUnchanged();
    }

    @Override
    public void close() throws IOException {
        checkpoint.close();
    }
}
