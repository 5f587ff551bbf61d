package io.github.expogguf.plan.metadata;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.task.TensorTask;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a file says under {@code expo.realised.*} of how much of alpha arrived in it: {@code alpha}, over all tensors,
 * {@code standard_error} of that, and {@code tensors}, one number each in the order of {@code expo.checksum.tensors}.
 * NaN stands where nothing was to arrive. They follow from {@code sums}, six numbers for each tensor, zeros where
 * nothing was extrapolated: those of {@code compare.realised.StepSums} in their order, without the number of elements.
 * Files that nothing was extrapolated in have none of it.
 */
public final class RealisedMetadata {

    /** Beginning of the keys. */
    public static final String PREFIX = RecipeKeys.PREFIX + "realised.";

    /** Key of what arrived over all tensors. */
    public static final String ALPHA = PREFIX + "alpha";

    /** Key of the standard error of that. */
    public static final String STANDARD_ERROR = PREFIX + "standard_error";

    /** Key of the sums that all of it follows from. */
    public static final String SUMS = PREFIX + "sums";

    /** Numbers of a tensor in the sums. */
    public static final int SUMS_OF_TENSOR = 6;

    private static final String TENSORS = PREFIX + "tensors";

    private RealisedMetadata() {}

    /** The metadata with NaN in the places of the numbers, which {@link #fillIn} fills without changing its size. */
    public static Metadata plan(Metadata metadata, List<TensorTask> tasks) {
        return tasks.stream().anyMatch(TensorTask.Extrapolate.class::isInstance)
                ? with(metadata, Float.NaN, Float.NaN, nothing(tasks.size()), new double[SUMS_OF_TENSOR * tasks.size()])
                : metadata;
    }

    private static float[] nothing(int count) {
        float[] numbers = new float[count];
        Arrays.fill(numbers, Float.NaN);
        return numbers;
    }

    /**
     * Puts the numbers into their places, if there are places.
     *
     * @param metadata      metadata of a plan
     * @param alpha         over all tensors
     * @param standardError of it
     * @param tensors       in the order of the plan
     * @param sums          of the tensors, in that order
     */
    public static Metadata fillIn(
            Metadata metadata, double alpha, double standardError, float[] tensors, double[] sums) {
        return metadata.get(ALPHA).isPresent()
                ? with(metadata, (float) alpha, (float) standardError, tensors, sums)
                : metadata;
    }

    /**
     * Reads the sums; empty where a file has none.
     *
     * @throws VerificationException if they are no sums
     */
    public static Optional<double[]> sums(Metadata metadata) {
        return metadata.get(SUMS).map(value -> {
            if (value.type() != MetadataType.ARRAY
                    || value.elementType() != MetadataType.FLOAT64
                    || value.elementCount() % SUMS_OF_TENSOR != 0) {
                throw new VerificationException(SUMS + " is " + value.typeName() + ", expected " + SUMS_OF_TENSOR
                        + " FLOAT64 for every tensor");
            }
            return value.asDoubles();
        });
    }

    private static Metadata with(Metadata metadata, float alpha, float standardError, float[] tensors, double[] sums) {
        Map<String, MetadataValue> values = new LinkedHashMap<>(metadata.asMap());
        values.put(ALPHA, MetadataValue.ofFloat32(alpha));
        values.put(STANDARD_ERROR, MetadataValue.ofFloat32(standardError));
        values.put(TENSORS, MetadataValue.ofFloat32s(tensors));
        values.put(SUMS, MetadataValue.ofFloat64s(sums));
        return new Metadata(values);
    }
}
