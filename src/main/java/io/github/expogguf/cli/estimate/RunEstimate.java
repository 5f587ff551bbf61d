package io.github.expogguf.cli.estimate;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.task.Operand;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.TensorWork;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How long a run takes. Workers compute while two threads for each model read and digest it, and all wait for the
 * disk; then the output is read back.
 *
 * @param startSeconds  before and after
 * @param workerSeconds of a core, to compute and write
 * @param readerSeconds of a core, to read and digest all inputs
 * @param longestReader of these what the longest input takes the slower of its two threads
 * @param firstSeconds  of a core, of the JIT compiler
 * @param verifySeconds of a core, to read back
 * @param diskBytes     that are read and written
 */
public record RunEstimate(
        double startSeconds,
        double workerSeconds,
        double readerSeconds,
        double longestReader,
        double firstSeconds,
        double verifySeconds,
        long diskBytes) {

    /** Fewer weights of a type than these are quantized by ggml alone. */
    private static final long TRANSLATED_FROM = 1 << 24;

    /**
     * Estimates one pass.
     *
     * @param plans       of all outputs that are written in it
     * @param inputBytes  of all files, and what is read of them twice
     * @param outputBytes of all outputs
     * @return empty where passes come before that the costs say nothing of: a rank, checkpoints
     */
    public static Optional<RunEstimate> of(Costs costs, List<Plan> plans, long inputBytes, long outputBytes) {
        boolean hasMorePasses = plans.stream()
                .anyMatch(plan ->
                        plan.options().rank() > 0 || plan.options().toStep().isPresent());
        Set<GgmlType> types = types(plans);
        if (hasMorePasses || !costs.types().keySet().containsAll(types)) {
            return Optional.empty();
        }
        double workers = 0;
        double first = 0;
        for (int i = 0; i < plans.size(); i++) {
            for (TensorTask task : plans.get(i).tasks()) {
                workers += outputNanos(costs, task) + (i == 0 ? inputNanos(costs, task) : 0);
            }
        }
        for (GgmlType type : types) {
            long weights = plans.stream()
                    .flatMap(plan -> plan.tasks().stream())
                    .filter(task -> task.targetType() == type)
                    .mapToLong(task -> task.aligned().shape().elementCount())
                    .sum();
            first += weights >= TRANSLATED_FROM ? costs.of(type).first() : 0;
        }
        double reader = costs.read() + costs.digest();
        Plan any = plans.getFirst();
        long longest =
                Math.max(bytes(any.aligned()), any.sft().map(RunEstimate::bytes).orElse(0L));
        return Optional.of(new RunEstimate(
                costs.startSeconds(),
                workers / 1e9,
                reader * inputBytes / 1e9,
                Math.max(costs.read(), costs.digest()) * longest / 1e9,
                first,
                costs.verify() * outputBytes / 1e9,
                inputBytes + outputBytes));
    }

    private static Set<GgmlType> types(List<Plan> plans) {
        Set<GgmlType> types = EnumSet.noneOf(GgmlType.class);
        for (Plan plan : plans) {
            for (TensorTask task : plan.tasks()) {
                if (!(task instanceof TensorTask.Copy)) {
                    types.add(task.targetType());
                    TensorWork.operands(task)
                            .forEach(operand -> operand.tensors().forEach(tensor -> types.add(tensor.type())));
                }
            }
        }
        return types;
    }

    /** Dequantizing what a task reads, once for all outputs. */
    private static double inputNanos(Costs costs, TensorTask task) {
        if (task instanceof TensorTask.Copy) {
            return 0;
        }
        long weights = task.aligned().shape().elementCount();
        return weights
                * TensorWork.operands(task).stream()
                        .map(Operand::tensor)
                        .mapToDouble(tensor -> costs.of(tensor.type()).dequantize())
                        .sum();
    }

    private static double outputNanos(Costs costs, TensorTask task) {
        double written = costs.write() * task.targetBytes();
        if (task instanceof TensorTask.Copy) {
            return written;
        }
        Costs.Type type = costs.of(task.targetType());
        double quantizing = task.usesImportance() ? type.weighed() : type.quantize();
        double extrapolating = task instanceof TensorTask.Extrapolate pair
                ? costs.extrapolate() * (1 + pair.operands().further().size()) + type.dequantize()
                : 0;
        return written + task.aligned().shape().elementCount() * (quantizing + extrapolating);
    }

    private static long bytes(ModelHeader model) {
        return model.tensors().stream().mapToLong(TensorInfo::byteCount).sum();
    }

    /** Seconds of all cores together. */
    public double processorSeconds() {
        return startSeconds + workerSeconds + readerSeconds + firstSeconds + verifySeconds;
    }

    /** From the start of the command to its end, on a disk that nothing waits for. */
    public double seconds(int threads, int cores) {
        return startSeconds + computing(threads, cores) + verifying(threads, cores);
    }

    /** Same, on one disk that reads and writes so many bytes a second. */
    public double seconds(int threads, int cores, double readRate, double writeRate, long outputBytes) {
        double disk = (diskBytes - outputBytes) / readRate + outputBytes / writeRate;
        return startSeconds + Math.max(computing(threads, cores), disk) + verifying(threads, cores);
    }

    /** Bytes a second that a disk has to move so that nothing waits for it. */
    public double diskRate(int threads, int cores) {
        return diskBytes / computing(threads, cores);
    }

    private double computing(int threads, int cores) {
        double all = (workerSeconds + readerSeconds + firstSeconds) / Math.min(cores, threads + 1);
        return Math.max(all, Math.max(workerSeconds / Math.min(threads, cores), longestReader));
    }

    private double verifying(int threads, int cores) {
        return verifySeconds / Math.min(threads, cores);
    }
}
