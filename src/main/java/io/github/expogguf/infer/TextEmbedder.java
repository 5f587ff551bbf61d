package io.github.expogguf.infer;

import io.github.expogguf.InferenceException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.infer.TextPooler.Pooling;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.Cancellation;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Turns texts into vectors, which are near each other where the texts mean similar things. For models that were trained
 * for that, as those of BERT's kind; others have vectors, too, which say less. Serves one call at a time, from any
 * thread.
 *
 * <pre>{@code
 * try (TextEmbedder embedder = TextEmbedder.open(model, ContextOptions.defaults().withSequences(8))) {
 *     List<float[]> vectors = embedder.embed(List.of("a cat", "a dog", "a treaty"));
 * }
 * }</pre>
 */
public final class TextEmbedder implements AutoCloseable {

    private final LlamaModel model;
    private final TextPooler pooler;

    private TextEmbedder(LlamaModel model, TextPooler pooler) {
        this.model = model;
        this.pooler = pooler;
    }

    /**
     * Makes room to read texts in, and pools as the model's metadata says.
     *
     * @param model   stays in memory as long as this is open
     * @param options tokens that a text may have, and texts that are read at a time
     * @return what reads texts, to be closed by the caller
     * @throws InferenceException if the metadata does not say how, the model ranks texts instead, or llama.cpp cannot
     */
    public static TextEmbedder open(LlamaModel model, ContextOptions options) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(options, "options");
        return open(model, options, poolingOf(model));
    }

    /**
     * Same, with a pooling that the caller knows the model to be trained with.
     *
     * @param model   stays in memory as long as this is open
     * @param options tokens that a text may have, and texts that are read at a time
     * @param pooling any but {@link Pooling#RANK}
     * @return what reads texts, to be closed by the caller
     */
    public static TextEmbedder open(LlamaModel model, ContextOptions options, Pooling pooling) {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(options, "options");
        if (Objects.requireNonNull(pooling, "pooling") == Pooling.RANK) {
            throw new IllegalArgumentException("pooling is RANK, which makes no vectors");
        }
        return new TextEmbedder(model, TextPooler.open(model, options, pooling));
    }

    private static Pooling poolingOf(LlamaModel model) {
        Metadata metadata = model.metadata();
        OptionalLong type = metadata.integer(metadata.architecture() + ".pooling_type");
        for (Pooling pooling : Pooling.values()) {
            if (type.isPresent() && type.getAsLong() == pooling.nativeType() && pooling != Pooling.RANK) {
                return pooling;
            }
        }
        throw new InferenceException(model.name() + ": its pooling_type is "
                + (type.isPresent() ? Long.toString(type.getAsLong()) : "not there")
                + ", expected 1 (mean), 2 (first token) or 3 (last token)");
    }

    /** {@return tokens that a text may have, as of a {@link TextPooler#contextTokens}} */
    public int contextTokens() {
        return pooler.contextTokens();
    }

    /** {@return how many numbers a vector has} */
    public int dimensions() {
        return pooler.outputs();
    }

    /**
     * {@return the vector of one text, of length 1}
     *
     * @param text fits into the context
     */
    public float[] embed(String text) {
        return embed(text, new Cancellation());
    }

    /**
     * Same, and can be ended.
     *
     * @param text         fits into the context
     * @param cancellation ends it from any thread
     * @return the vector of one text, of length 1
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     */
    public float[] embed(String text, Cancellation cancellation) {
        return embed(List.of(Objects.requireNonNull(text, "text")), cancellation)
                .getFirst();
    }

    /**
     * Vectors of texts, of length 1 each, so that the sum of the products of two is the cosine of the angle between
     * them.
     *
     * @param texts each fits into the context
     * @return one vector per text, in their order
     * @throws InferenceException if a text is longer than the context, or llama.cpp fails
     */
    public List<float[]> embed(List<String> texts) {
        return embed(texts, new Cancellation());
    }

    /**
     * Same, and can be ended.
     *
     * @param texts        each fits into the context
     * @param cancellation ends it from any thread
     * @return one vector per text, in their order
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     */
    public List<float[]> embed(List<String> texts, Cancellation cancellation) {
        List<float[]> vectors = embedUnscaled(texts, cancellation);
        vectors.forEach(TextEmbedder::normalize);
        return vectors;
    }

    /**
     * Same, of the length that the model gives them.
     *
     * @param texts each fits into the context
     * @return one vector per text, in their order
     */
    public List<float[]> embedUnscaled(List<String> texts) {
        return embedUnscaled(texts, new Cancellation());
    }

    /**
     * Same, and can be ended.
     *
     * @param texts        each fits into the context
     * @param cancellation ends it from any thread
     * @return one vector per text, in their order
     * @throws io.github.expogguf.CancelledException if it was cancelled, or the calling thread is interrupted
     */
    public List<float[]> embedUnscaled(List<String> texts, Cancellation cancellation) {
        Objects.requireNonNull(cancellation, "cancellation");
        List<int[]> tokens = Elements.copy(texts, "texts").stream()
                .map(text -> model.tokenize(text))
                .toList();
        return pooler.pool(tokens, progress -> {}, cancellation);
    }

    private static void normalize(float[] vector) {
        double squares = 0;
        for (float number : vector) {
            squares += (double) number * number;
        }
        double length = Math.sqrt(squares);
        for (int i = 0; i < vector.length && length > 0; i++) {
            vector[i] = (float) (vector[i] / length);
        }
    }

    /** Frees the memory, after the call that may be under way; the model stays open. */
    @Override
    public void close() {
        pooler.close();
    }
}
