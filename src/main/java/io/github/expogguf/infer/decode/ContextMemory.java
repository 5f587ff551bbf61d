package io.github.expogguf.infer.decode;

import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.nativelib.MachineMemory;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Refuses contexts that cannot fit into the memory of this machine or container. llama.cpp asks for the memory and
 * fills it with zeros; systems that promise more than they have (Linux does) then end the process, or another one.
 */
public final class ContextMemory {

    private static final int HALF_BYTES = 2; // keys and values are kept as F16
    private static final int MASK_BYTES = 4; // what a token may attend to, as F32

    private ContextMemory() {}

    /**
     * Lets a context pass whose keys, values and attention mask fit.
     *
     * @param gpuBytes    memory of GPUs that takes part
     * @param totalTokens tokens of all sequences
     * @param stepTokens  tokens of one pass through the layers
     * @throws InferenceException if they do not
     */
    public static void require(String name, Metadata metadata, long gpuBytes, long totalTokens, long stepTokens) {
        require(name, List.of(metadata), gpuBytes, totalTokens, stepTokens);
    }

    /**
     * Lets the contexts of models pass that answer together, each with the same tokens.
     *
     * @param name     of all models
     * @param gpuBytes memory of GPUs that takes part, which are the same for all
     */
    public static void require(String name, List<Metadata> models, long gpuBytes, long totalTokens, long stepTokens) {
        double bytes = models.stream()
                .mapToDouble(metadata ->
                        (double) totalTokens * bytesPerToken(metadata) + (double) totalTokens * stepTokens * MASK_BYTES)
                .sum();
        double available = (double) MachineMemory.totalBytes() + gpuBytes;
        if (bytes > available) {
            String contexts = models.size() == 1 ? "a context" : models.size() + " contexts";
            String take = models.size() == 1 ? "takes" : "each take together";
            throw new InferenceException(String.format(
                    Locale.ROOT,
                    "%s: %s of %,d tokens %s %,.1f GiB of memory, this machine or container has %,.1f%s",
                    name,
                    contexts,
                    totalTokens,
                    take,
                    bytes / (1L << 30),
                    available / (1L << 30),
                    gpuBytes == 0 ? "" : " with its GPUs"));
        }
    }

    /**
     * Lets a context pass that keeps the logits of all tokens of a step.
     *
     * @param vocabulary tokens that there are
     * @param gpuBytes   memory of GPUs that takes part
     * @param stepTokens tokens of one step
     * @throws InferenceException if they do not fit
     */
    public static void requireOutputs(String name, int vocabulary, long gpuBytes, long stepTokens) {
        double bytes = (double) Float.BYTES * vocabulary * stepTokens;
        double available = (double) MachineMemory.totalBytes() + gpuBytes;
        if (bytes > available) {
            throw new InferenceException(String.format(
                    Locale.ROOT,
                    "%s: the logits of a step of %,d tokens take %,.1f GiB of memory, this machine or container has"
                            + " %,.1f; smaller steps take less",
                    name,
                    stepTokens,
                    bytes / (1L << 30),
                    available / (1L << 30)));
        }
    }

    /** Of keys and values; 0 for a model that keeps none, or says nothing of them. */
    private static double bytesPerToken(Metadata metadata) {
        double layers = number(metadata, "block_count").orElse(0);
        double heads = number(metadata, "attention.head_count").orElse(0);
        double groups = number(metadata, "attention.head_count_kv").orElse((long) heads);
        double headLength =
                heads == 0 ? 0 : number(metadata, "embedding_length").orElse(0) / heads;
        double keyLength = number(metadata, "attention.key_length").orElse((long) headLength);
        double valueLength = number(metadata, "attention.value_length").orElse((long) headLength);
        return layers * groups * (keyLength + valueLength) * HALF_BYTES;
    }

    private static OptionalLong number(Metadata metadata, String key) {
        return metadata.integer(metadata.architecture() + "." + key);
    }
}
