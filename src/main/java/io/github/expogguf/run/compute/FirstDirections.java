package io.github.expogguf.run.compute;

import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.task.TensorTask;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a pass over the models found of their deltas' first directions before chunks are computed: of one delta, as
 * factors, or of the deltas of checkpoints, as a line. Kept for further outputs until this is closed. Any thread may
 * call.
 */
public final class FirstDirections implements AutoCloseable {

    private final LowRankDeltas deltas = new LowRankDeltas();
    private final Map<String, TrajectoryFit> fits = new ConcurrentHashMap<>(); // by tensor

    /** Of single deltas. */
    public LowRankDeltas deltas() {
        return deltas;
    }

    /** Whether the line of a tensor is here. */
    public boolean has(String tensor) {
        return fits.containsKey(tensor);
    }

    /** Takes the line that a tensor followed. */
    public void put(String tensor, TrajectoryFit fit) {
        fits.put(tensor, fit);
    }

    /** The line of a task's tensor. */
    public TrajectoryFit of(TensorTask task) {
        return Objects.requireNonNull(fits.get(task.aligned().name()), "not fitted");
    }

    /** The lines of these tensors, by name and in their order, of those that have one. */
    public Map<String, TrajectoryFit> fits(List<TensorInfo> tensors) {
        Map<String, TrajectoryFit> found = new LinkedHashMap<>();
        for (TensorInfo tensor : tensors) {
            TrajectoryFit fit = fits.get(tensor.name());
            if (fit != null) {
                found.put(tensor.name(), fit);
            }
        }
        return found;
    }

    @Override
    public void close() throws IOException {
        deltas.close();
    }
}
