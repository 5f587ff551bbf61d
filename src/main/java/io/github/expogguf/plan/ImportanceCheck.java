package io.github.expogguf.plan;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.Shape;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.mixture.TensorCategory;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.quant.ZeroImportance;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Which tensors are quantized with importances, and which must not be without: what llama-quantize refuses
 * ({@code tensor_requires_imatrix} in llama-quant.cpp, llama.cpp v0.5.0), and what would make ggml abort.
 */
final class ImportanceCheck {

    /**
     * Mean squares of a model's inputs are far below. From about 2^55 sums of what is weighed by them overflow (in
     * {@code make_qkx3_quants} of ggml-quants.c, squares of the weights), and blocks are written as zeros or not at
     * all; the codebooks need less.
     */
    private static final float LIMIT = 0x1p40f;

    private final ModelHeader model;
    private final Optional<FileType> fileType;
    private final Optional<Imatrix> imatrix;
    private final List<String> weighed = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final List<String> withoutImportance = new ArrayList<>();
    private final List<ImportanceCoverage.Partial> partial = new ArrayList<>();
    private final TreeSet<GgmlType> typesWithoutImportance = new TreeSet<>();
    private final List<String> otherSizes = new ArrayList<>();
    private final List<ImportanceCoverage.Zeros> zeros = new ArrayList<>();
    private final List<String> resized = new ArrayList<>();
    private final List<String> tooLarge = new ArrayList<>();
    private int quantizedCount;
    private int matchedCount;

    ImportanceCheck(ModelHeader model, PlanOptions options) {
        this.model = model;
        this.fileType = options.fileType();
        this.imatrix = options.imatrix();
    }

    /** Whether a tensor is quantized with importances. What is wrong is remembered for {@link #finish}. */
    boolean usesImportance(TensorInfo tensor, GgmlType target) {
        if (!target.isQuantized()) {
            return false;
        }
        quantizedCount++;
        boolean isUsed = hasFittingWeights(tensor);
        boolean matters = WeightTypes.readsImportance(target);
        if (isUsed && matters) {
            weighed.add(tensor.name());
            addPartial(tensor);
            addValues(tensor, target);
        } else if (!isUsed && matters && imatrix.isPresent() && isRecorded(tensor.name())) {
            missing.add(tensor.name());
        }
        if (!isUsed && isRequired(tensor.name(), target)) {
            withoutImportance.add(tensor.name());
            typesWithoutImportance.add(target);
        }
        return isUsed;
    }

    /** Experts that were asked have weights of their own. */
    private void addPartial(TensorInfo tensor) {
        int unasked = imatrix.orElseThrow().unaskedExperts(tensor.name());
        if (unasked > 0) {
            partial.add(new ImportanceCoverage.Partial(
                    tensor.name(), unasked, imatrix.orElseThrow().counts(tensor.name())));
        }
    }

    private void addValues(TensorInfo tensor, GgmlType target) {
        float[] weights = imatrix.orElseThrow().weights(tensor.name()).orElseThrow();
        int rowLength = Math.toIntExact(tensor.shape().rowLength());
        int group = ZeroImportance.group(target);
        int zeroColumns = 0;
        int lost = 0;
        int inGroup = 0; // columns with importance 0 since the group began
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] >= LIMIT) {
                tooLarge.add(column(tensor, rowLength, i) + " is " + weights[i]);
                return;
            }
            int column = i % rowLength;
            inGroup = (group > 0 && column % group == 0 ? 0 : inGroup) + (weights[i] == 0 ? 1 : 0);
            zeroColumns += weights[i] == 0 ? 1 : 0;
            lost += inGroup == group && group > 0 ? group : 0;
        }
        if (zeroColumns > 0) {
            zeros.add(new ImportanceCoverage.Zeros(tensor.name(), zeroColumns, weights.length, lost));
        }
    }

    /** As in {@code blk.0.ffn_up_exps.weight, expert 3, column 17}. */
    private static String column(TensorInfo tensor, int rowLength, int index) {
        String expert = tensor.shape().dimension(2) > 1 ? ", expert " + index / rowLength : "";
        return tensor.name() + expert + ", column " + index % rowLength;
    }

    /** Whether llama-imatrix records the inputs of such a tensor at all. */
    private static boolean isRecorded(String tensor) {
        TensorCategory category = TensorCategory.of(tensor);
        return category != TensorCategory.OUTPUT && category != TensorCategory.TOKEN_EMBEDDING;
    }

    private boolean hasFittingWeights(TensorInfo tensor) {
        Optional<float[]> weights = imatrix.flatMap(matrix -> matrix.weights(tensor.name()));
        if (weights.isEmpty()) {
            return false;
        }
        matchedCount++;
        Shape shape = tensor.shape();
        if (shape.dimension(3) > 1) {
            return false; // llama.cpp knows no such weights, and importances have no place for them
        }
        boolean fits = weights.get().length == shape.rowLength() * shape.dimension(2);
        if (!fits) {
            boolean isEmbedding = TensorCategory.of(tensor.name()) == TensorCategory.TOKEN_EMBEDDING;
            (isEmbedding ? resized : otherSizes)
                    .add(tensor.name() + " (" + weights.get().length + " importances, expected "
                            + shape.rowLength() * shape.dimension(2) + ")");
        }
        return fits;
    }

    private boolean isRequired(String tensor, GgmlType target) {
        TensorCategory category = TensorCategory.of(tensor);
        if (category == TensorCategory.OUTPUT || category == TensorCategory.TOKEN_EMBEDDING) {
            return WeightTypes.needsImportance(target);
        }
        return switch (target) {
            case IQ3_XXS, IQ2_XXS, IQ2_XS, IQ2_S, IQ1_M, IQ1_S -> true;
            case Q2_K -> fileType.filter(type -> type == FileType.Q2_K_S).isPresent();
            default -> false;
        };
    }

    /**
     * Which tensors have importances; throws what is wrong, once all tensors were seen.
     *
     * @throws ModelMismatchException     if the imatrix belongs to another model
     * @throws MissingImportanceException if tensors need importances and have none
     */
    ImportanceCoverage finish() {
        if (!otherSizes.isEmpty()) {
            throw mismatch(Words.plural(otherSizes.size(), "tensor") + " of another size: " + Names.list(otherSizes));
        }
        if (imatrix.isPresent() && quantizedCount > 0 && matchedCount == 0) {
            throw mismatch("no entry for any of its " + Words.plural(quantizedCount, "quantized tensor"));
        }
        if (!tooLarge.isEmpty()) {
            throw new UnsupportedTypeException(name() + ": importances of "
                    + Words.plural(tooLarge.size(), "tensor") + " are too large to quantize with, expected less than "
                    + LIMIT + ": " + Names.list(tooLarge)
                    + "; types that use none, as Q8_0, have no such limit");
        }
        ImportanceCoverage coverage = new ImportanceCoverage(
                weighed,
                missing,
                withoutImportance,
                partial,
                zeros,
                resized,
                imatrix.isPresent() ? unknown() : List.of());
        if (!withoutImportance.isEmpty()) {
            throw new MissingImportanceException(
                    model.name() + ": " + Words.plural(withoutImportance.size(), "tensor")
                            + " cannot be quantized to "
                            + Names.list(typesWithoutImportance.stream()
                                    .map(Enum::name)
                                    .toList())
                            + (imatrix.isPresent()
                                    ? " without importances, which the imatrix does not have: "
                                    : " without an imatrix: ")
                            + Names.list(withoutImportance),
                    coverage,
                    imatrix.isPresent());
        }
        return coverage;
    }

    private List<String> unknown() {
        TreeSet<String> names = new TreeSet<>(imatrix.orElseThrow().tensors());
        model.tensors().forEach(tensor -> names.remove(tensor.name()));
        return List.copyOf(names);
    }

    private String name() {
        return imatrix.flatMap(Imatrix::source).map(Imatrix.Source::fileName).orElse("the imatrix");
    }

    private ModelMismatchException mismatch(String difference) {
        return new ModelMismatchException(
                name() + " is not for " + model.name() + ": " + difference, List.of(difference));
    }
}
