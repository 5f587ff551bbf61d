package io.github.expogguf.plan.metadata;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.imatrix.Imatrix;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.pair.Strip;
import io.github.expogguf.plan.task.AdapterChange;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.plan.task.LowRank;
import io.github.expogguf.plan.task.ModelFiles;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.Operands;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.plan.task.WholeTensor;
import io.github.expogguf.quant.WeightTypes;
import io.github.expogguf.text.Sha256;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a file says under {@code expo.origin.tensors} of how each of its tensors was computed, for a later run to tell
 * which it would compute in the same way: the five numbers of a {@link TensorOrigin} for every tensor, in the order of
 * {@code expo.checksum.tensors}. They are the beginnings of SHA-256s of descriptions.
 */
public final class Origins {

    /** The key. */
    public static final String KEY = RecipeKeys.PREFIX + "origin.tensors";

    private static final int NUMBERS = 5; // of a tensor

    private final List<String> roles;
    private final Ingredients<ModelFiles> models;
    private final List<ModelFiles> inOrder;
    private final Optional<Imatrix> imatrix;
    private final Map<String, Long> known = new HashMap<>(); // most tensors share an alpha and a rounding

    private Origins(Ingredients<ModelFiles> models, Optional<Imatrix> imatrix) {
        this.roles = models.roles();
        this.models = models;
        this.inOrder = models.inOrder();
        this.imatrix = imatrix;
    }

    /** The metadata with the origins. */
    public static Metadata plan(
            Metadata metadata, Ingredients<ModelFiles> models, Optional<Imatrix> imatrix, List<TensorTask> tasks) {
        Origins origins = new Origins(models, imatrix);
        long[] numbers = new long[NUMBERS * tasks.size()];
        for (int i = 0; i < tasks.size(); i++) {
            TensorOrigin origin = origins.of(tasks.get(i));
            int at = NUMBERS * i;
            numbers[at] = origin.inputs();
            numbers[at + 1] = origin.adapters();
            numbers[at + 2] = origin.alpha();
            numbers[at + 3] = origin.rounding();
            numbers[at + 4] = origin.importance();
        }
        Map<String, MetadataValue> values = new LinkedHashMap<>(metadata.asMap());
        values.put(KEY, MetadataValue.ofUint64s(numbers));
        return new Metadata(values);
    }

    /**
     * Reads them, in the order of the checksums; empty where a file has none.
     *
     * @throws VerificationException if they are no origins
     */
    public static Optional<List<TensorOrigin>> read(Metadata metadata) {
        Optional<MetadataValue> value = metadata.get(KEY);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get().type() != MetadataType.ARRAY
                || value.get().elementType() != MetadataType.UINT64
                || value.get().elementCount() % NUMBERS != 0) {
            throw new VerificationException(
                    KEY + " is " + value.get().typeName() + ", expected " + NUMBERS + " UINT64 for every tensor");
        }
        long[] numbers = value.get().asLongs();
        List<TensorOrigin> origins = new ArrayList<>();
        for (int i = 0; i < numbers.length; i += NUMBERS) {
            origins.add(new TensorOrigin(numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3], numbers[i + 4]));
        }
        return Optional.of(origins);
    }

    private TensorOrigin of(TensorTask task) {
        StringBuilder inputs = new StringBuilder();
        StringBuilder adapters = new StringBuilder();
        add(task.source(), inputs, adapters);
        if (!(task instanceof TensorTask.Extrapolate extrapolate)) {
            return new TensorOrigin(number(inputs), number(adapters), 0, 0, importance(task));
        }
        Operands operands = extrapolate.operands();
        StringBuilder alpha = new StringBuilder("alpha " + extrapolate.alpha() + " rank " + operands.rank());
        add(operands.sft(), inputs, adapters);
        for (Operands.Delta delta : operands.further()) {
            add(delta.sft(), inputs, adapters);
            add(delta.aligned(), inputs, adapters);
            alpha.append(" weight ").append(delta.weight());
        }
        operands.between().forEach(operand -> add(operand, inputs, adapters));
        operands.prediction()
                .ifPresent(prediction -> alpha.append(" step ")
                        .append(prediction.step())
                        .append(" of ")
                        .append(models.checkpoints().stream()
                                .map(Ingredients.Checkpoint::step)
                                .toList()));
        inputs.append(operands.parametrisation());
        return new TensorOrigin(
                number(inputs),
                number(adapters),
                number(alpha),
                number(extrapolate.rounding().toString()),
                importance(task));
    }

    private void add(Operand operand, StringBuilder inputs, StringBuilder adapters) {
        switch (operand) {
            case Operand.Rows(int model, TensorInfo tensor) -> add("rows", model, tensor, inputs);
            case Operand.Matched matched -> {
                add("tokens", matched.model(), matched.tensor(), inputs);
                inputs.append(matched.rows().sha256()).append('\n');
            }
            case Operand.Assembled assembled -> {
                for (Strip strip : assembled.strips()) {
                    add("strip", assembled.model(), strip.tensor(), inputs);
                    inputs.append(assembled.rowLength())
                            .append(strip.wanted())
                            .append(strip.source())
                            .append(strip.isTransposed())
                            .append('\n');
                }
            }
            case Operand.Adapted adapted -> {
                add("rows", adapted.model(), adapted.tensor(), inputs);
                adapted.changes().forEach(change -> add(change, adapters));
            }
        }
    }

    private void add(AdapterChange change, StringBuilder text) {
        switch (change) {
            case LowRank product -> {
                add("left", product.model(), product.left(), text);
                add("right", product.model(), product.right(), text);
                text.append(product.isTransposed()).append(product.scale()).append('\n');
            }
            case WholeTensor whole -> {
                add("whole", whole.model(), whole.tensor(), text);
                text.append(whole.weight()).append('\n');
            }
        }
    }

    /** Not where in a file: that is the same in the same file. */
    private void add(String what, int model, TensorInfo tensor, StringBuilder text) {
        text.append(what)
                .append(' ')
                .append(roles.get(model))
                .append(' ')
                .append(tensor.name().length())
                .append(' ')
                .append(tensor.name())
                .append(' ')
                .append(tensor.type())
                .append(' ')
                .append(tensor.shape())
                .append(' ')
                .append(inOrder.get(model).conversions().getOrDefault(tensor.name(), ""))
                .append('\n');
    }

    private long importance(TensorTask task) {
        return task.usesImportance() && WeightTypes.readsImportance(task.targetType())
                ? beginning(imatrix.orElseThrow().sha256(task.aligned().name()))
                : 0;
    }

    private long number(CharSequence text) {
        return text.isEmpty() ? 0 : known.computeIfAbsent(text.toString(), each -> beginning(Sha256.of(each)));
    }

    private static long beginning(String sha256) {
        return Long.parseUnsignedLong(sha256.substring(0, 16), 16);
    }
}
