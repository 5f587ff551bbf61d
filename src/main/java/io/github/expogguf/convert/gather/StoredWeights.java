package io.github.expogguf.convert.gather;

import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.safetensors.SafetensorsType;
import io.github.expogguf.text.Escape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The weights that a tensor of a checkpoint holds: as it is stored, or unpacked from MXFP4 as gpt-oss is published in
 * it (transformers 5.18, integrations/mxfp4.py), with two weights in a byte of {@code NAME_blocks}, the first in the
 * low bits, and a power of two for each 32 in {@code NAME_scales}.
 *
 * @param tensor that is stored
 * @param type   of a weight
 * @param shape  of the weights
 * @param scale  what they are multiplied with
 */
public record StoredWeights(
        SafetensorsTensor tensor, SafetensorsType type, List<Long> shape, Optional<SafetensorsTensor> scale) {

    private static final List<String> SCALES = List.of("_scale_inv", "_scale");
    private static final String OF_MISTRAL = "qscale_weight"; // beside "weight", as Mistral names it
    private static final String BLOCKS = "_blocks";
    private static final String BLOCK_SCALES = "_scales";
    private static final long BLOCK_BYTES = 16;

    /** Weights of MXFP4 that share a scale. */
    static final long BLOCK_WEIGHTS = 2 * BLOCK_BYTES;

    /** Empty where there is no tensor of the name, or one that holds no weights that are read. */
    public static Optional<StoredWeights> of(Checkpoint checkpoint, String name) {
        SafetensorsTensor tensor = checkpoint.tensors().get(name);
        if (tensor == null) {
            return Optional.empty();
        }
        return tensor.type().holdsWeights()
                ? Optional.of(new StoredWeights(tensor, tensor.type(), tensor.shape(), scale(checkpoint, tensor)))
                : packed(checkpoint, tensor);
    }

    /** @throws UnsupportedTypeException if what has the name of a scale is none */
    private static Optional<SafetensorsTensor> scale(Checkpoint checkpoint, SafetensorsTensor weights) {
        Optional<SafetensorsTensor> scale = scaleNames(weights)
                .flatMap(name -> Optional.ofNullable(checkpoint.tensors().get(name)).stream())
                .findFirst();
        scale.filter(tensor -> !isScale(tensor)).ifPresent(tensor -> {
            throw new UnsupportedTypeException(file(checkpoint, tensor) + ": tensor " + Escape.quote(tensor.name())
                    + " with the scales of "
                    + Escape.quote(weights.name()) + " is of type " + tensor.type() + " and shape " + tensor.shape()
                    + (tensor.type() == SafetensorsType.U8 ? " (as those of MXFP8 are)" : "")
                    + ", expected floats (F32, F16, BF16, F64) or powers of two (F8_E8M0); take the folder that it was"
                    + " quantized from, as that is published beside it");
        });
        return scale;
    }

    /** What the scales of weights of eight bits may be called; none of other weights. */
    private static Stream<String> scaleNames(SafetensorsTensor weights) {
        return weights.type() != SafetensorsType.F8_E4M3 && weights.type() != SafetensorsType.F8_E5M2
                ? Stream.empty()
                : Stream.concat(
                                SCALES.stream().map(suffix -> weights.name() + suffix),
                                Stream.of(weights.name().replaceFirst("(^|\\.)weight$", "$1" + OF_MISTRAL)))
                        .filter(name -> !name.equals(weights.name()));
    }

    /** Names of scales that weights of eight bits may have and that are not there; empty where there are scales. */
    public List<String> missingScales() {
        return scale.isPresent() ? List.of() : scaleNames(tensor).toList();
    }

    private static boolean isScale(SafetensorsTensor tensor) {
        return (tensor.type().holdsWeights() || tensor.type() == SafetensorsType.F8_E8M0) && tensor.elementCount() > 0;
    }

    /** The one that holds a tensor. */
    static Path file(Checkpoint checkpoint, SafetensorsTensor tensor) {
        return checkpoint.files().get(tensor.file()).path();
    }

    private static Optional<StoredWeights> packed(Checkpoint checkpoint, SafetensorsTensor blocks) {
        if (blocks.type() != SafetensorsType.U8 || !blocks.name().endsWith(BLOCKS)) {
            return Optional.empty();
        }
        String name = blocks.name().substring(0, blocks.name().length() - BLOCKS.length());
        SafetensorsTensor scales = checkpoint.tensors().get(name + BLOCK_SCALES);
        if (scales == null
                || scales.type() != SafetensorsType.U8
                || scales.shape().isEmpty()) {
            return Optional.empty();
        }
        List<Long> expected = new ArrayList<>(scales.shape());
        expected.add(BLOCK_BYTES);
        if (!blocks.shape().equals(expected)) {
            return Optional.empty();
        }
        List<Long> shape = new ArrayList<>(scales.shape());
        shape.add(shape.removeLast() * BLOCK_WEIGHTS);
        return Optional.of(new StoredWeights(blocks, SafetensorsType.F4, List.copyOf(shape), Optional.of(scales)));
    }

    long elementCount() {
        return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }
}
