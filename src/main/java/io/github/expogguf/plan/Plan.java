package io.github.expogguf.plan;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.text.Elements;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that is decided before the first byte is written.
 *
 * @param options  what was asked for
 * @param sft      header of the SFT model; empty when one model is quantized without extrapolation
 * @param aligned  header of the aligned model, without what the output leaves out
 * @param metadata metadata of the output, with zeros where the digests of the inputs and the checksums will stand
 * @param tasks    one task per tensor, in the order of the aligned model
 * @param importance which of them have importances
 * @param idleRules rules for alpha that decide about no tensor: they match none, or rules before them match all of
 *                 those
 * @param notes    what is worth knowing before the work begins, a line each: differences that do not matter or were
 *                 accepted, and tensors that are left out or taken as they are
 */
public record Plan(
        PlanOptions options,
        Optional<ModelHeader> sft,
        ModelHeader aligned,
        Metadata metadata,
        List<TensorTask> tasks,
        ImportanceCoverage importance,
        List<TensorAlphaRule> idleRules,
        List<String> notes) {

    /** Copies the lists. */
    public Plan {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(sft, "sft");
        Objects.requireNonNull(aligned, "aligned");
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(importance, "importance");
        idleRules = Elements.copy(idleRules, "idleRules");
        notes = Elements.copy(notes, "notes");
        tasks = Elements.copy(tasks, "tasks");
    }

    /** {@return bytes of all tensors in the output, without header and padding} */
    public long tensorBytes() {
        return tasks.stream().mapToLong(TensorTask::targetBytes).reduce(0, Math::addExact);
    }

    /** {@return elements of all tensors} */
    public long elementCount() {
        return tasks.stream()
                .mapToLong(task -> task.aligned().shape().elementCount())
                .reduce(0, Math::addExact);
    }

    /** {@return the average bits of a weight in the output; 0 without weights} */
    public double bitsPerWeight() {
        long elements = elementCount();
        return elements == 0 ? 0 : 8.0 * tensorBytes() / elements;
    }
}
