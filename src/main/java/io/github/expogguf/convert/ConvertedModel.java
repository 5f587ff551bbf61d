package io.github.expogguf.convert;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.convert.config.ConfigKinds;
import io.github.expogguf.convert.config.ConfigValues;
import io.github.expogguf.convert.config.OwnTokens;
import io.github.expogguf.convert.config.RotaryFactors;
import io.github.expogguf.convert.gather.GatheredElements;
import io.github.expogguf.convert.proof.Conversion;
import io.github.expogguf.convert.proof.ConvertedTensor;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.SourceFile;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.CheckpointTokens;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A checkpoint in safetensors, seen as the GGUF that a converter would make of it: metadata, tensor names, shapes and
 * layout are those of a template, the weights those of the checkpoint, in types in which they lose nothing. What a
 * template has that a converter computes from config.json is the template's. Any thread may call.
 */
public final class ConvertedModel implements SourceModel {

    private final Path path;
    private final String name;
    private final Checkpoint checkpoint;
    private final SourceModel template;
    private final boolean ownsTemplate;
    private final GatheredElements elements;
    private final Map<String, ConvertedTensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> unused;
    private final ModelHeader header;

    private ConvertedModel(
            Path path,
            String before,
            Checkpoint checkpoint,
            SourceModel template,
            boolean ownsTemplate,
            Conversion conversion) {
        this.path = path;
        this.name = name(path);
        this.checkpoint = checkpoint;
        this.template = template;
        this.ownsTemplate = ownsTemplate;
        this.elements = new GatheredElements(checkpoint);
        conversion.tensors().forEach(tensor -> tensors.put(tensor.tensor().name(), tensor));
        this.unused = conversion.unused();
        this.header = new ModelHeader(
                before + name,
                metadata(conversion.ownTokens()),
                tensors.values().stream().map(ConvertedTensor::tensor).toList());
    }

    /**
     * Opens a checkpoint and finds the tensors of a template in it.
     *
     * @param path         a folder of Hugging Face, or one file
     * @param template     a model of the same shape
     * @param ownsTemplate whether the template is part of this model: among its sources, and closed with it
     * @throws io.github.expogguf.ModelMismatchException if tensors of the template are not in it
     * @throws IOException                               if a file cannot be read
     */
    public static ConvertedModel open(Path path, SourceModel template, boolean ownsTemplate) throws IOException {
        return open(path, "", template, ownsTemplate);
    }

    /**
     * Opens one of several models.
     *
     * @param before what stands before its name in messages, where another model has the same; else empty
     * @see #open(Path, SourceModel, boolean)
     */
    public static ConvertedModel open(Path path, String before, SourceModel template, boolean ownsTemplate)
            throws IOException {
        List<String> describing =
                ownsTemplate ? List.of(Checkpoint.CONFIG) : List.of(Checkpoint.CONFIG, CheckpointTokens.FILE);
        return Checkpoint.open(path, describing, checkpoint -> {
            checkpoint
                    .description(Checkpoint.CONFIG)
                    .ifPresent(config ->
                            ConfigKinds.require(config, checkpoint.config().orElseThrow()));
            requireArchitecture(checkpoint, template.header());
            Conversion conversion = Conversion.of(path.toString(), checkpoint, template, ownsTemplate);
            return new ConvertedModel(path, before, checkpoint, template, ownsTemplate, conversion);
        });
    }

    private static String name(Path path) {
        return Objects.requireNonNullElse(path.toAbsolutePath().normalize().getFileName(), path)
                .toString();
    }

    private static void requireArchitecture(Checkpoint checkpoint, ModelHeader template) {
        Optional<String> other = ConfigValues.otherArchitecture(
                template.metadata(), checkpoint.config().orElse(Map.of()));
        if (other.isPresent()) {
            throw new ModelMismatchException(
                    checkpoint.description(Checkpoint.CONFIG).orElseThrow() + ": " + other.get() + "; "
                            + template.name() + " is of the architecture "
                            + Escape.text(template.metadata().architecture()),
                    List.of(other.get()));
        }
    }

    private Metadata metadata(Optional<OwnTokens> tokens) {
        Metadata ofTemplate = template.header().metadata();
        Map<String, MetadataValue> values =
                new LinkedHashMap<>(tokens.map(own -> own.in(ofTemplate)).orElseGet(ofTemplate::asMap));
        values.keySet().removeIf(key -> key.startsWith("quantize.imatrix.") || key.startsWith("expo."));
        values.put("general.file_type", MetadataValue.ofUint32(fileType()));
        if (!ownsTemplate) { // it is the other model of the pair
            values.keySet().removeAll(List.of("general.organization", "general.version", "general.repo_url"));
            values.put("general.name", MetadataValue.ofString(name));
            said().forEach((key, said) -> values.put(key, said.value())); // which the models of a pair must agree in
        }
        return new Metadata(values);
    }

    /** What config.json says otherwise than the template, by the key. */
    public Map<String, ConfigValues.Said> said() {
        return ConfigValues.others(
                template.header().metadata(), checkpoint.config().orElse(Map.of()));
    }

    /**
     * What the template's factors of rotary frequencies are, where config.json says others; a converter computes them,
     * and no tensor of the checkpoint proves them.
     *
     * @param whose what the template is, for the sentence
     */
    public Optional<String> otherRotaryFactors(String whose) throws IOException {
        if (!template.header().metadata().architecture().equals("llama")
                || checkpoint.config().isEmpty()) {
            return Optional.empty();
        }
        Optional<double[]> said = RotaryFactors.of(checkpoint.config().get());
        Optional<TensorInfo> tensor = template.header().tensors().stream()
                .filter(each -> each.name().equals(RotaryFactors.TENSOR) && each.type() == GgmlType.F32)
                .findFirst();
        if (tensor.isEmpty()) {
            return said.map(_ -> RotaryFactors.TENSOR + " is not in the " + whose + ", and by config.json the rotary"
                    + " embeddings are scaled as those of Llama 3 (rope_parameters)");
        }
        double[] factors = floats(tensor.get());
        if (said.isEmpty()) {
            return Optional.of(RotaryFactors.TENSOR + " is in the " + whose + ", and by config.json there is none"
                    + " (rope_parameters)");
        }
        return RotaryFactors.difference(whose, factors, said.get())
                .map(values -> RotaryFactors.TENSOR + " " + values + " (rope_parameters)");
    }

    private double[] floats(TensorInfo tensor) throws IOException {
        double[] values = new double[Math.toIntExact(tensor.shape().elementCount())];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(tensor.byteCount());
            template.read(tensor, 0, bytes);
            for (int i = 0; i < values.length; i++) {
                values[i] = bytes.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
            }
        }
        return values;
    }

    /** That of most weights. */
    private int fileType() {
        Map<GgmlType, Long> weights = new HashMap<>();
        for (ConvertedTensor tensor : tensors.values()) {
            weights.merge(tensor.tensor().type(), tensor.tensor().shape().elementCount(), Long::sum);
        }
        GgmlType most = weights.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(GgmlType.F32);
        return FileType.parse(most.name()).id();
    }

    @Override
    public ModelHeader header() {
        return header;
    }

    /** Of the folder or file, as it was given. */
    public Path path() {
        return path;
    }

    /** Why each tensor is taken for what it is, in the order of the header. */
    public List<ConvertedTensor> evidence() {
        return List.copyOf(tensors.values());
    }

    /** Tensors of the checkpoint that nothing is made of, in its order, each with the reason as far as there is one. */
    public Map<String, String> unused() {
        return Collections.unmodifiableMap(unused);
    }

    @Override
    public List<SourceFile> sources() {
        List<SourceFile> sources = new ArrayList<>(checkpoint.sources());
        if (ownsTemplate) {
            sources.addAll(template.sources());
        }
        return sources;
    }

    /** Names of the sources, in their order; those of a folder with its name before them. */
    public List<String> sourceNames() {
        boolean isFolder = checkpoint.files().stream()
                .noneMatch(file -> file.path().getFileName().toString().equals(name));
        int own = checkpoint.sources().size();
        List<String> names = new ArrayList<>();
        for (SourceFile file : sources()) {
            String ofFile = file.path().getFileName().toString();
            names.add(isFolder && names.size() < own ? name + "/" + ofFile : ofFile);
        }
        return names;
    }

    @Override
    public List<GgufFile> ggufFiles() {
        return ownsTemplate ? template.ggufFiles() : List.of();
    }

    @Override
    public Optional<Place> place(TensorInfo tensor) {
        ConvertedTensor converted = require(tensor);
        return converted
                .gathering()
                .filter(gathering -> elements.isStored(gathering, tensor.type()))
                .map(gathering -> place(gathering.parts().getFirst().source()));
    }

    private Place place(String source) {
        SafetensorsTensor stored = Objects.requireNonNull(checkpoint.tensors().get(source));
        return new Place(stored.file(), checkpoint.files().get(stored.file()).dataOffset() + stored.begin());
    }

    /** Which of the sources the values of a tensor are in; none where they are those of another model. */
    public List<Integer> files(TensorInfo tensor) {
        ConvertedTensor converted = require(tensor);
        if (converted.gathering().isPresent()) {
            return elements.files(converted.gathering().get());
        }
        return ownsTemplate
                ? List.of(checkpoint.sources().size()
                        + template.place(converted.template()).orElseThrow().file())
                : List.of();
    }

    /** How the values of a tensor follow from those files: with the same files and the same text they are the same. */
    public String conversion(TensorInfo tensor) {
        return require(tensor).gathering().map(elements::description).orElse("as in the template");
    }

    private ConvertedTensor require(TensorInfo tensor) {
        Objects.requireNonNull(tensor, "tensor");
        ConvertedTensor converted = tensors.get(tensor.name());
        if (converted == null || !converted.tensor().equals(tensor)) {
            throw new IllegalArgumentException(header.name() + " has no tensor " + Escape.quote(tensor.name())
                    + " of this type, shape and offset");
        }
        return converted;
    }

    @Override
    public void read(TensorInfo tensor, long byteOffset, MemorySegment target) throws IOException {
        Objects.requireNonNull(target, "target");
        ConvertedTensor converted = require(tensor);
        if (converted.gathering().isPresent()) {
            elements.read(converted.gathering().get(), tensor, byteOffset, target);
        } else {
            template.read(converted.template(), byteOffset, target);
        }
    }

    @Override
    public void checkUnchanged() throws IOException {
        checkpoint.checkUnchanged();
        if (ownsTemplate) {
            template.checkUnchanged();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            checkpoint.close();
        } finally {
            if (ownsTemplate) {
                template.close();
            }
        }
    }
}
