package io.github.expogguf.run.compute;

import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.plan.task.TensorTask;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;

/**
 * What a pass over the models found of their deltas' first directions before chunks are computed: of one delta, as
 * factors, kept until this is closed, or of the deltas of checkpoints, as a line, kept with the models. Any thread may
 * call.
 */
public final class FirstDirections implements AutoCloseable {

    private final LowRankDeltas deltas = new LowRankDeltas();
    private final Map<String, TrajectoryFit> fits;

    /** @param fits the lines of tensors, by name, which are kept with the models; live */
    public FirstDirections(Map<String, TrajectoryFit> fits) {
        this.fits = fits;
    }

    /** Of single deltas. */
    public LowRankDeltas deltas() {
        return deltas;
    }

    /** The line of a task's tensor. */
    public TrajectoryFit of(TensorTask task) {
        return Objects.requireNonNull(fits.get(task.aligned().name()), "not fitted");
    }

    @Override
    public void close() throws IOException {
        deltas.close();
    }
}
