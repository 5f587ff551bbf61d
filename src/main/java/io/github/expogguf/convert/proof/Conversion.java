package io.github.expogguf.convert.proof;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.NonFiniteException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.convert.config.ConfigValues;
import io.github.expogguf.convert.config.FlatConfig;
import io.github.expogguf.convert.config.ModelNumbers;
import io.github.expogguf.convert.config.OwnTokens;
import io.github.expogguf.convert.gather.GatheredElements;
import io.github.expogguf.convert.gather.Gathering;
import io.github.expogguf.convert.gather.PackedWeights;
import io.github.expogguf.convert.gather.StoredWeights;
import io.github.expogguf.convert.proof.Unexplained.WayOut;
import io.github.expogguf.convert.rule.Formula;
import io.github.expogguf.convert.rule.NumberSource;
import io.github.expogguf.convert.rule.RuleBook;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.GgufLimits;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.CheckpointTokens;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.json.JsonNumber;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds which tensors of a checkpoint, rearranged how, are those of a template: of all rules that fit the names and
 * shapes the one whose values are closest to the template's weights, and none that is not close.
 */
public final class Conversion {

    private static final double CLEARLY = 1.5; // times farther from the template is another tensor
    private static final double SURELY = 0.5; // cosine; weights that are unrelated are at 0
    private static final double OF_OTHER_SIZE = 2; // weights of another model are at 1.4, and half as large ones nearer
    private static final List<String> TIED = List.of("gemma", "command-r", "cohere"); // by transformers' default
    private static final long ALIGNMENT = 32; // of GGUF, by default

    private final String name;
    private final boolean isSame;
    private final Checkpoint checkpoint;
    private final SourceModel template;
    private final RuleBook rules;
    private final NumberSource numbers;
    private final GatheredElements elements;
    private final SharedRows tokens;
    private final List<ConvertedTensor> found = new ArrayList<>();
    private final Unexplained unexplained = new Unexplained();
    private final List<StoredWeights> unscaled = new ArrayList<>();
    private final ExchangedNorms norms = new ExchangedNorms();
    private long nextOffset;

    private Conversion(String name, Checkpoint checkpoint, SourceModel template, boolean isSame) throws IOException {
        this.isSame = isSame;
        this.name = name;
        this.checkpoint = checkpoint;
        this.template = template;
        this.rules = RuleBook.of(template.header().metadata().architecture());
        this.numbers = new ModelNumbers(
                template.header().metadata(), checkpoint.config().orElse(Map.of()));
        this.elements = new GatheredElements(checkpoint);
        this.tokens = new SharedRows(
                isSame ? Optional.empty() : readOwnTokens(),
                OwnTokens.padding(template.header().metadata()));
    }

    /** Those of another model than the template, where they are others. */
    private Optional<OwnTokens> readOwnTokens() throws IOException {
        Optional<Path> file = checkpoint.description(CheckpointTokens.FILE);
        Optional<TensorInfo> embedding = template.header().tensors().stream()
                .filter(tensor -> tensor.name().equals(TensorNames.EMBEDDING))
                .findFirst();
        if (file.isEmpty() || embedding.isEmpty()) {
            return Optional.empty();
        }
        OptionalInt rows = rows(embedding.get().shape().rowLength());
        return rows.isEmpty()
                ? Optional.empty()
                : OwnTokens.of(
                        CheckpointTokens.read(file.get()),
                        rows.getAsInt(),
                        template.header().metadata(),
                        embedding.get().shape().rowCount());
    }

    /** How many the embedding of the checkpoint has. */
    private OptionalInt rows(long rowLength) {
        List<Formula> formulas = rules.formulas(TensorNames.EMBEDDING);
        return checkpoint.tensors().values().stream()
                .map(SafetensorsTensor::shape)
                .filter(shape ->
                        shape.size() == 2 && shape.get(1) == rowLength && shape.get(0) <= GgufLimits.maxStrings())
                .mapToInt(shape -> Math.toIntExact(shape.get(0)))
                .distinct()
                .filter(rows -> formulas.stream()
                        .anyMatch(formula -> formula.bind(rows * rowLength, this::shape, numbers)
                                .isPresent()))
                .findFirst();
    }

    /**
     * Finds all tensors of a template.
     *
     * @param name   of the checkpoint, as it was given, for messages
     * @param isSame whether the template holds the same weights, quantized, and not those that training made of them
     * @throws NonFiniteException       if the weights that are looked at hold infinities or NaN
     * @throws ModelMismatchException   that lists those that nothing explains, with what is closest
     * @throws UnsupportedTypeException if that is because the checkpoint is quantized in a way that is not read
     */
    public static Conversion of(String name, Checkpoint checkpoint, SourceModel template, boolean isSame)
            throws IOException {
        Conversion conversion = new Conversion(name, checkpoint, template, isSame);
        for (TensorInfo tensor : template.header().tensors()) {
            conversion.find(tensor);
        }
        conversion.norms.problems().forEach(problem -> conversion.unexplained.add(problem, conversion.byDefault()));
        if (isSame) {
            conversion.requireNoOtherOutput();
        }
        conversion.requireAll();
        return conversion;
    }

    /** The checkpoint's, where they are not the template's. */
    public Optional<OwnTokens> ownTokens() {
        return tokens.own();
    }

    /** In the order of the template. */
    public List<ConvertedTensor> tensors() {
        return List.copyOf(found);
    }

    /** Tensors of the checkpoint that nothing is made of, by name, each with the reason as far as there is one. */
    public Map<String, String> unused() {
        Set<String> used = new HashSet<>();
        for (ConvertedTensor tensor : found) {
            tensor.gathering().ifPresent(all -> all.parts().forEach(part -> used.add(part.source())));
        }
        for (String each : List.copyOf(used)) {
            StoredWeights.of(checkpoint, each).flatMap(StoredWeights::scale).ifPresent(scale -> used.add(scale.name()));
        }
        Map<String, String> unused = new LinkedHashMap<>();
        for (String each : checkpoint.tensors().keySet()) {
            if (!used.contains(each)) {
                unused.put(each, rules.whyUnused(each, numbers).orElse(""));
            }
        }
        return unused;
    }

    private void find(TensorInfo tensor) throws IOException {
        List<Formula> formulas = rules.formulas(tensor.name());
        ProofSample sample = new ProofSample(tensor, template, tokens, elements);
        Shape shape = tokens.shape(tensor);
        List<Candidate> candidates = new ArrayList<>();
        for (Formula formula : formulas) {
            Optional<Gathering> bound = formula.bind(shape.elementCount(), this::shape, numbers);
            if (bound.isPresent()) {
                candidates.add(sample.compare(formula.text(), bound.get()));
            }
        }
        Candidate best = null;
        for (Candidate candidate : candidates) {
            best = best == null || candidate.closeness().isBetterThan(best.closeness()) ? candidate : best;
        }
        if (best != null && best.closeness().distance() <= Closeness.bound(tensor.type(), isSame)) {
            requireClear(tensor, best, candidates);
            boolean isVector = tensor.shape().rowCount() == 1;
            int reversed = isSame && !isVector && ValueOrder.isKept(tensor.type())
                    ? ValueOrder.reversed(sample.weights(), best.values())
                    : 0;
            if (isVector && !isSame) {
                norms.add(tensor.name(), sample.weights(), best.values());
            }
            add(
                    tensor,
                    elements.type(best.gathering()),
                    best.rule(),
                    Optional.of(best.gathering()),
                    best.closeness().withReversed(reversed));
        } else if (best == null && formulas.stream().anyMatch(Formula::isTemplate)) {
            add(tensor, GgmlType.F32, "template", Optional.empty(), Closeness.EQUAL);
        } else {
            requireFinite(tensor, sample, candidates);
            if (best != null && best.closeness().distance() > OF_OTHER_SIZE) {
                noteMissingScales(best.gathering());
            }
            unexplained.add(problem(tensor, formulas, best), wayOut(tensor, candidates));
        }
    }

    /** Weights of eight bits alone are no weights, where they were stored with scales. */
    private void noteMissingScales(Gathering gathering) {
        gathering.parts().stream()
                .flatMap(part -> StoredWeights.of(checkpoint, part.source()).stream())
                .filter(weights -> !weights.missingScales().isEmpty())
                .forEach(unscaled::add);
    }

    private UnsupportedTypeException missingScales() {
        StoredWeights first = unscaled.getFirst();
        return new UnsupportedTypeException(name + ": tensor "
                + Escape.quote(first.tensor().name()) + " of type " + first.type()
                + " has no scales beside it, expected "
                + first.missingScales().stream().map(Escape::quote).collect(Collectors.joining(" or "))
                + (unscaled.size() > 1 ? "; so have " + (unscaled.size() - 1) + " more" : "")
                + ". By themselves they are of another size than the weights of "
                + template.header().name()
                + "; take the folder with its scales, or the one that it was quantized from");
    }

    /** Nothing is close to NaN, and it is no other model. */
    private void requireFinite(TensorInfo tensor, ProofSample sample, List<Candidate> candidates) {
        String quoted = Escape.quote(tensor.name());
        int bad = sample.firstNonFinite(sample.weights());
        if (bad >= 0) {
            throw new NonFiniteException(template.header().name() + ": tensor " + quoted + ": row "
                    + sample.templateRow(bad)
                    + " holds infinities or NaN");
        }
        for (Candidate candidate : candidates) {
            bad = sample.firstNonFinite(candidate.values());
            if (bad >= 0) {
                throw new NonFiniteException(name + ": tensor "
                        + Escape.quote(candidate.gathering().source(sample.element(bad)))
                        + " holds infinities or NaN, which come into row " + sample.row(bad) + " of " + quoted);
            }
        }
    }

    /** An output of its own that the template lacks would be left out unnoticed. */
    private void requireNoOtherOutput() throws IOException {
        String architecture = template.header().metadata().architecture();
        boolean hasOutput =
                found.stream().anyMatch(each -> each.template().name().equals(TensorNames.OUTPUT));
        boolean isTied = ConfigValues.isOutputTied(checkpoint.config().orElse(Map.of()))
                || TIED.stream().anyMatch(architecture::startsWith);
        Optional<ConvertedTensor> embedding = found.stream()
                .filter(each -> each.template().name().equals(TensorNames.EMBEDDING))
                .filter(each -> each.gathering().isPresent())
                .findFirst();
        if (hasOutput || isTied || embedding.isEmpty()) {
            return;
        }
        TensorInfo tensor = embedding.get().template();
        Gathering known = embedding.get().gathering().orElseThrow();
        for (Formula formula : rules.formulas(TensorNames.OUTPUT)) {
            Optional<Gathering> output = formula.bind(tensor.shape().elementCount(), this::shape, numbers);
            if (output.isPresent() && !output.get().source(0).equals(known.source(0))) {
                ProofSample sample = new ProofSample(tensor, template, tokens, elements);
                float[] values = sample.compare(formula.text(), output.get()).values();
                if (!Arrays.equals(values, sample.compare("", known).values())) {
                    unexplained.add(
                            "tensor " + Escape.quote(output.get().source(0))
                                    + " of the folder is another matrix than its embeddings, and the template has no "
                                    + TensorNames.OUTPUT,
                            byDefault());
                    return;
                }
            }
        }
    }

    /** Another one that is as close, with other values, is another tensor; which one is meant nobody could say. */
    private void requireClear(TensorInfo tensor, Candidate best, List<Candidate> candidates) {
        for (Candidate other : candidates) {
            if (other.closeness().distance() < CLEARLY * best.closeness().distance()
                    && !Arrays.equals(other.values(), best.values())) {
                unexplained.add(
                        "tensor " + Escape.quote(tensor.name()) + ": both " + Escape.quote(best.rule()) + " ("
                                + distance(best) + ") and " + Escape.quote(other.rule()) + " (" + distance(other)
                                + ") are as close to the template's weights",
                        byDefault());
                return;
            }
        }
    }

    private Optional<long[]> shape(String source) {
        return StoredWeights.of(checkpoint, source)
                .map(weights ->
                        weights.shape().stream().mapToLong(Long::longValue).toArray());
    }

    private void add(
            TensorInfo tensor, GgmlType type, String rule, Optional<Gathering> gathering, Closeness closeness) {
        GgmlType stored = gathering.isEmpty() || tensor.type() == GgmlType.F32 ? tensor.type() : type;
        TensorInfo converted = new TensorInfo(tensor.name(), stored, tokens.shape(tensor), nextOffset);
        nextOffset = Math.addExact(nextOffset, Math.ceilDiv(converted.byteCount(), ALIGNMENT) * ALIGNMENT);
        found.add(new ConvertedTensor(converted, tensor, rule, gathering, closeness));
    }

    private String problem(TensorInfo tensor, List<Formula> formulas, @Nullable Candidate best) {
        String start = "tensor " + Escape.quote(tensor.name()) + " of shape " + tensor.shape() + ": ";
        if (best != null) {
            return start + "closest is " + Escape.quote(best.rule()) + " (" + distance(best) + ", expected at most "
                    + Numbers.brief(Closeness.bound(tensor.type(), isSame)) + ")"
                    + (OwnTokens.areRowsOf(tensor) ? withoutTokenizer() : "");
        }
        if (formulas.isEmpty()) {
            return start + "no rule for a tensor of this name in the architecture "
                    + template.header().metadata().architecture();
        }
        List<String> near = near(tensor);
        boolean isOfTokens = OwnTokens.haveRowsIn(tensor) && !near.isEmpty();
        return start + "expected "
                + String.join(
                        " or ",
                        formulas.stream().map(Formula::text).distinct().limit(3).toList())
                + (near.isEmpty() ? ", which is not there" : ", and there is " + String.join(" and ", near))
                + (isOfTokens ? vocabularySize(tensor) + withoutTokenizer() : "");
    }

    /** What may help where a tensor is not explained, and others are. */
    private WayOut wayOut(TensorInfo tensor, List<Candidate> candidates) {
        if (candidates.stream().anyMatch(this::isOfOtherScale)) {
            return WayOut.OTHER_SCALES;
        }
        if (isSame
                || !OwnTokens.areRowsOf(tensor)
                || !OwnTokens.areKnown(template.header().metadata())) {
            return byDefault();
        }
        return checkpoint.description(CheckpointTokens.FILE).isPresent()
                ? WayOut.ANOTHER_TOKENIZER
                : WayOut.TOKENIZER_MISSING;
    }

    private WayOut byDefault() {
        return isSame ? WayOut.ANOTHER_TEMPLATE : WayOut.ANOTHER_MODEL;
    }

    /** Whether the weights themselves are the template's, and are multiplied with something else. */
    private boolean isOfOtherScale(Candidate candidate) {
        return (Math.abs(candidate.closeness().cosine()) >= SURELY || candidate.isZero())
                && candidate.gathering().parts().stream()
                        .flatMap(part -> StoredWeights.of(checkpoint, part.source()).stream())
                        .anyMatch(weights -> weights.scale().isPresent());
    }

    private String withoutTokenizer() {
        return isSame || checkpoint.description(CheckpointTokens.FILE).isPresent()
                ? ""
                : "; which tokens the rows are of, tokenizer.json would say, which is not there";
    }

    /** As in {@code ; vocab_size of config.json is 45, and like.gguf has 48 tokens}. */
    private String vocabularySize(TensorInfo tensor) {
        return checkpoint.config().map(config -> FlatConfig.of(config).get("vocab_size")).stream()
                .filter(JsonNumber.class::isInstance)
                .map(size -> ((JsonNumber) size).text())
                .filter(size -> Double.parseDouble(size) != tensor.shape().rowCount())
                .map(size -> "; vocab_size of " + Checkpoint.CONFIG + " is " + Escape.text(size) + ", and "
                        + template.header().name() + " has " + tensor.shape().rowCount() + " tokens")
                .findFirst()
                .orElse("");
    }

    /** Tensors of the checkpoint that should be, or be part of, one of the template, with their shapes. */
    private List<String> near(TensorInfo tensor) {
        return checkpoint.tensors().values().stream()
                .filter(stored -> rules.formulasOf(stored.name()).stream()
                        .anyMatch(formula -> formula.target().equals(tensor.name())))
                .limit(2)
                .map(stored ->
                        Escape.quote(stored.name()) + " of type " + stored.type() + " and shape " + stored.shape())
                .toList();
    }

    private static String distance(Candidate candidate) {
        return "relative distance " + Numbers.fixed(candidate.closeness().distance(), 3);
    }

    private void requireAll() {
        if (unexplained.isEmpty()) {
            return;
        }
        Optional<UnsupportedTypeException> packed = PackedWeights.refusal(name, checkpoint);
        if (packed.isPresent()) {
            throw packed.get();
        }
        if (!unscaled.isEmpty()) {
            throw missingScales();
        }
        throw unexplained.refusal(name, template.header());
    }
}
