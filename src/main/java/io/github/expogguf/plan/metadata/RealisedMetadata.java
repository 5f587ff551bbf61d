package io.github.expogguf.plan.metadata;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.plan.task.TensorTask;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a file says under {@code expo.realised.*} of how much of alpha arrived in it: {@code alpha}, over all tensors,
 * {@code standard_error} of that, and {@code tensors}, one number each in the order of {@code expo.checksum.tensors}.
 * NaN stands where nothing was to arrive. Files that nothing was extrapolated in have none of it.
 */
public final class RealisedMetadata {

    /** Beginning of the keys. */
    public static final String PREFIX = RecipeKeys.PREFIX + "realised.";

    /** Key of what arrived over all tensors. */
    public static final String ALPHA = PREFIX + "alpha";

    /** Key of the standard error of that. */
    public static final String STANDARD_ERROR = PREFIX + "standard_error";

    private static final String TENSORS = PREFIX + "tensors";

    private RealisedMetadata() {}

    /** The metadata with NaN in the places of the numbers, which {@link #fillIn} fills without changing its size. */
    public static Metadata plan(Metadata metadata, List<TensorTask> tasks) {
        return tasks.stream().anyMatch(TensorTask.Extrapolate.class::isInstance)
                ? with(metadata, Float.NaN, Float.NaN, nothing(tasks.size()))
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
     */
    public static Metadata fillIn(Metadata metadata, double alpha, double standardError, float[] tensors) {
        return metadata.get(ALPHA).isPresent()
                ? with(metadata, (float) alpha, (float) standardError, tensors)
                : metadata;
    }

    private static Metadata with(Metadata metadata, float alpha, float standardError, float[] tensors) {
        Map<String, MetadataValue> values = new LinkedHashMap<>(metadata.asMap());
        values.put(ALPHA, MetadataValue.ofFloat32(alpha));
        values.put(STANDARD_ERROR, MetadataValue.ofFloat32(standardError));
        values.put(TENSORS, MetadataValue.ofFloat32s(tensors));
        return new Metadata(values);
    }
}
