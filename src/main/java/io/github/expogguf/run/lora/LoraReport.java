package io.github.expogguf.run.lora;

import io.github.expogguf.gguf.Shape;
import io.github.expogguf.text.Elements;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What an exported adapter holds. Energies are sums of squares of deltas, before the factors are rounded to their type.
 *
 * @param file         where it is
 * @param fileBytes    its size
 * @param rank         of the factors
 * @param tensors      with factors, in the order of the aligned model
 * @param leftOut      without, though they have a delta
 * @param identical    names of tensors that are the same in both models
 * @param bufferBytes  memory of the factors while they were computed, and of buffers, at most
 * @param threads      worker threads
 * @param elapsedNanos from the first check to the file in its place
 */
public record LoraReport(
        Path file,
        long fileBytes,
        int rank,
        List<Factored> tensors,
        List<LeftOut> leftOut,
        List<String> identical,
        long bufferBytes,
        int threads,
        long elapsedNanos) {

    /** Copies the lists. */
    public LoraReport {
        Objects.requireNonNull(file, "file");
        tensors = Elements.copy(tensors, "tensors");
        leftOut = Elements.copy(leftOut, "leftOut");
        identical = Elements.copy(identical, "identical");
    }

    /**
     * A tensor with factors.
     *
     * @param name   of the tensor
     * @param shape  of the tensor
     * @param energy of its delta
     * @param kept   of it in the product of the factors
     */
    public record Factored(String name, Shape shape, double energy, double kept) {
        /** Refuses null. */
        public Factored {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(shape, "shape");
        }

        /** {@return the share, from 0 to 1; 1 where there is no delta} */
        public double keptShare() {
            return energy == 0 ? 1 : Math.min(1, kept / energy);
        }
    }

    /**
     * A tensor that the adapter does not change.
     *
     * @param name   of the tensor
     * @param reason why, for people
     * @param energy of its delta
     */
    public record LeftOut(String name, String reason, double energy) {
        /** Refuses null. */
        public LeftOut {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** {@return the energy of the whole delta} */
    public double energy() {
        return tensors.stream().mapToDouble(Factored::energy).sum() + leftOutEnergy();
    }

    /** {@return the share, from 0 to 1; 1 where there is no delta} */
    public double keptShare() {
        double energy = energy();
        double kept = tensors.stream().mapToDouble(Factored::kept).sum();
        return energy == 0 ? 1 : Math.min(1, kept / energy);
    }

    /** {@return the share of the whole delta's energy in tensors that an adapter cannot hold} */
    public double leftOutShare() {
        double energy = energy();
        return energy == 0 ? 0 : leftOutEnergy() / energy;
    }

    private double leftOutEnergy() {
        return leftOut.stream().mapToDouble(LeftOut::energy).sum();
    }
}
