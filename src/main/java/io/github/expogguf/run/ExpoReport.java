package io.github.expogguf.run;

import io.github.expogguf.compare.realised.RealisedAlpha;
import io.github.expogguf.compare.realised.TensorStep;
import io.github.expogguf.extrapolate.TrajectoryFit;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.text.Elements;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a run did.
 *
 * @param plan           what was decided
 * @param files          the file written, or its shards in order
 * @param outputBytes    bytes of all files
 * @param keptBytes      bytes of tensors that an earlier run had written and this one kept
 * @param reused         what was copied from an earlier output; empty if none was named
 * @param extrapolated   tensors that were extrapolated
 * @param converted      tensors of the aligned model in another type
 * @param copied         tensors whose bytes are the aligned model's
 * @param identical      names of tensors that are byte-identical in both models, and were copied or converted for it
 * @param sftSha256      digests of the SFT files; empty when one model was quantized
 * @param alignedSha256  digests of the aligned files
 * @param threads        worker threads
 * @param elapsedNanos   wall time from the start to the output in place
 * @param steps          what arrived of the extrapolation, one for each tensor that was extrapolated
 * @param fits           the lines that tensors followed in training, by name, where a step of it was predicted; empty
 *                       for a pair
 */
public record ExpoReport(
        Plan plan,
        List<Path> files,
        long outputBytes,
        long keptBytes,
        Optional<Reused> reused,
        int extrapolated,
        int converted,
        int copied,
        List<String> identical,
        List<String> sftSha256,
        List<String> alignedSha256,
        int threads,
        long elapsedNanos,
        List<TensorStep> steps,
        Map<String, TrajectoryFit> fits) {
    /** Refuses null. */
    public ExpoReport {
        Objects.requireNonNull(plan, "plan");
        Elements.require(files, "files");
        Objects.requireNonNull(reused, "reused");
        Elements.require(identical, "identical");
        Elements.require(sftSha256, "sftSha256");
        Elements.require(alignedSha256, "alignedSha256");
        Elements.require(steps, "steps");
        fits = Collections.unmodifiableMap(new LinkedHashMap<>(Elements.require(fits, "fits")));
    }

    /** {@return how much of alpha arrived over all tensors; empty if nothing was to} */
    public Optional<RealisedAlpha> realised() {
        return RealisedAlpha.of(steps);
    }
}
