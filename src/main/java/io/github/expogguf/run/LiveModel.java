package io.github.expogguf.run;

import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.gguf.TensorSpec;
import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.MemoryModel;
import io.github.expogguf.infer.WeightsChange;
import io.github.expogguf.nativelib.NativeHeaderCheck;
import io.github.expogguf.nativelib.NativeLibrary;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.run.compute.Chunk;
import io.github.expogguf.run.compute.ChunkComputer;
import io.github.expogguf.run.compute.ChunkLoop;
import io.github.expogguf.run.compute.FirstDirections;
import io.github.expogguf.run.compute.IdenticalTensors;
import io.github.expogguf.run.compute.ImportanceTable;
import io.github.expogguf.run.compute.OpenModels;
import io.github.expogguf.run.compute.OwnThread;
import io.github.expogguf.run.compute.PackedRows;
import io.github.expogguf.run.compute.ProgressMeter;
import io.github.expogguf.run.compute.Requantized;
import io.github.expogguf.run.compute.TensorWork;
import io.github.expogguf.run.rank.DirectionPasses;
import io.github.expogguf.text.Elements;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The extrapolated model inside llama.cpp, straight from a pair, without a file. Another alpha rewrites its weights in
 * place, in one pass over the pair; tensors that it does not change, since they are the same in both models, or by a
 * rule, are not read again.
 *
 * <pre>{@code
 * try (Extrapolator pair = Extrapolator.open(sft, aligned);
 *         LiveModel live = LiveModel.open(pair, options, WorkOptions.defaults());
 *         LlamaContext context = LlamaContext.open(live.model(), ContextOptions.defaults())) {
 *     context.generate(prompt, GenerationOptions.greedy(64));
 *     live.setAlpha(0.5f);
 *     context.generate(prompt, GenerationOptions.greedy(64)); // the same context, another model
 * }
 * }</pre>
 *
 * <p>Its weights, and so its logits, are those of the file that {@link Extrapolator#write} would write, bit for bit
 * where that is loaded without repacking ({@link LoadOptions#withRepacking}). So is its metadata, but for the digests
 * of the inputs and the checksums, which are zeros.
 *
 * <p>Memory: the tensors in their output types ({@link Plan#tensorBytes}), and {@link Extrapolator#bufferBytes} while
 * the weights are rewritten. The model must fit into memory, the pair need not: it is read from its files each time,
 * which the page cache makes fast where there is room for it.
 *
 * <p>Any thread may call; a change while another is under way, or while a context of the model is in a call, throws
 * {@link IllegalStateException} and changes nothing.
 */
public final class LiveModel implements ExtrapolatedModel {

    private final Extrapolator pair;
    private final Plan first;
    private final WorkOptions how;
    private final MemoryModel memory;
    private final FirstDirections directions; // the same for every alpha
    private volatile Plan plan;
    private volatile boolean complete;
    private final boolean[] compared; // by tensor; with the first alpha that extrapolates it
    private final boolean[] identical; // by tensor, of those that are compared
    private List<TensorTask> written = List.of(); // what the weights are; one change at a time comes here

    private LiveModel(Extrapolator pair, Plan first, WorkOptions how, MemoryModel memory) {
        this.pair = pair;
        this.first = first;
        this.plan = first;
        this.how = how;
        this.memory = memory;
        this.directions = new FirstDirections(pair.opened().fits());
        this.compared = new boolean[first.tasks().size()];
        this.identical = new boolean[compared.length];
    }

    /**
     * Builds the model on the CPU, or a GPU if the libraries know one.
     *
     * @param models  the pair, or one model, which is then converted; stays the caller's, and open for as long as alpha
     *                is to be changed
     * @param options alpha, types, rules, importance
     * @param how     threads, listener and cancellation
     * @return the model, to be closed by the caller
     * @throws io.github.expogguf.InferenceException     if llama.cpp cannot run it
     * @throws io.github.expogguf.ModelMismatchException if the models are not a pair
     * @throws io.github.expogguf.NonFiniteException     if a tensor or a result holds NaN or infinity
     * @throws io.github.expogguf.CancelledException     if it was cancelled
     * @throws IOException                               if the pair cannot be read or has changed
     */
    public static LiveModel open(Extrapolator models, PlanOptions options, WorkOptions how) throws IOException {
        return open(models, options, how, LoadOptions.defaults());
    }

    /**
     * Same, with the layers on a GPU that the options say.
     *
     * @param models  the pair, or one model; closed by its owner, after this model
     * @param options alpha, types, and everything else that decides the output
     * @param how     threads, what hears of progress, and what stops the work
     * @param load    on which devices, and how
     * @return the model, to be closed by the caller
     * @throws IOException if a file cannot be read
     */
    public static LiveModel open(Extrapolator models, PlanOptions options, WorkOptions how, LoadOptions load)
            throws IOException {
        Objects.requireNonNull(models, "models");
        Objects.requireNonNull(how, "how");
        Objects.requireNonNull(load, "load");
        Plan plan = models.plan(options);
        return OwnThread.run(
                how.cancellation(), cancellation -> open(models, plan, how, load, how.withCancellation(cancellation)));
    }

    /** @param how kept for later changes, which have an interrupt of their own */
    private static LiveModel open(Extrapolator models, Plan plan, WorkOptions how, LoadOptions load, WorkOptions first)
            throws IOException {
        NativeLibrary.load();
        models.opened().watching(() -> {
            for (SourceModel model : models.opened().inputs()) {
                NativeHeaderCheck.check(model.ggufFiles());
            }
            models.opened().checkAdapters(first);
            return true;
        });
        first.cancellation().check();
        MemoryModel memory =
                MemoryModel.create(plan.aligned().name(), plan.metadata(), specs(plan), load, first.cancellation());
        LiveModel live = new LiveModel(models, plan, how, memory);
        try {
            live.fill(plan, first);
            return live;
        } catch (Throwable e) {
            live.close();
            throw e;
        }
    }

    /** {@return the model, the same for life; its contexts stay valid when alpha changes} */
    @Override
    public LlamaModel model() {
        return memory.model();
    }

    /** {@return the weight of the delta that the weights have, or had before a change that failed} */
    @Override
    public float alpha() {
        return plan.options().alpha();
    }

    /**
     * {@return what the weights follow, or followed before a change that failed: of every tensor its alpha and its
     * type}
     */
    public Plan plan() {
        return plan;
    }

    /** {@return whether the weights are there in full; they are not after a change that failed or was cancelled} */
    @Override
    public boolean isComplete() {
        return complete;
    }

    /**
     * Rewrites the weights for another alpha, on the threads that the model was opened with.
     *
     * @param value weight of the delta, finite
     * @throws IOException if a file cannot be read
     */
    public void setAlpha(float value) throws IOException {
        setAlpha(value, how);
    }

    /**
     * Rewrites the weights for another alpha. If this fails halfway or is cancelled, the model refuses to work until a
     * call succeeds.
     *
     * @param value 0 for the aligned model, converted, but for tensors that a rule gives an alpha of their own
     * @param work  threads, listener and cancellation
     * @throws IllegalArgumentException              if alpha is not finite, or not 0 where there is no SFT model
     * @throws IllegalStateException                 if the weights are in use, or the model is closed
     * @throws io.github.expogguf.CancelledException if it was cancelled
     * @throws IOException                           if the pair cannot be read, or has changed since it was opened
     */
    @Override
    public void setAlpha(float value, WorkOptions work) throws IOException {
        setAlpha(value, plan.options().alphaRules(), work);
    }

    /**
     * Rewrites the weights for another alpha and other rules, which stay for later changes of alpha.
     *
     * @param value 0 for the aligned model, converted, but for tensors that a rule gives an alpha of their own
     * @param rules alphas of single tensors, in the place of those that the model was opened with
     * @param work  threads, listener and cancellation
     * @throws IOException if the pair cannot be read, or has changed since it was opened
     */
    public void setAlpha(float value, List<TensorAlphaRule> rules, WorkOptions work) throws IOException {
        Elements.require(rules, "rules");
        PlanOptions options = first.options().toBuilder().alphaRules(rules).build();
        Plan plan = pair.plan(options.withAlpha(value));
        OwnThread.run(work.cancellation(), cancellation -> {
            fill(plan, work.withCancellation(cancellation));
            return plan;
        });
    }

    private void fill(Plan next, WorkOptions work) throws IOException {
        pair.opened().checkUnchanged();
        try (WeightsChange change = memory.change()) {
            complete = false;
            List<TensorTask> before = written;
            written = List.of();
            List<TensorTask> tasks = pair.opened().watching(() -> compute(next, before, work, change));
            change.complete(next.metadata());
            written = tasks;
            plan = next;
            complete = true;
        }
    }

    /**
     * Gives some tensors the values that they have in another output of the same models, rounded to the types that they
     * have here. They stay so until a call of this with the plan of this model.
     *
     * @param other   how the output is made
     * @param tensors numbers of the tensors
     */
    void imitate(Plan other, Set<Integer> tensors, WorkOptions work) throws IOException {
        List<TensorTask> own = plan.tasks();
        pair.opened().watching(() -> {
            try (WeightsChange change = memory.change();
                    Arena arena = Arena.ofShared()) {
                ProgressMeter meter = new ProgressMeter(WorkOptions.defaults().listener());
                ChunkComputer computer =
                        DirectionPasses.computer(directions, pair.opened(), List.of(other.tasks()), work, meter);
                TensorWork output = new TensorWork(
                        other.tasks(), new ImportanceTable(other.options().imatrix(), other.tasks(), arena));
                new ChunkLoop(computer, PackedRows.ofFiles(pair.opened().inputs()), work, meter)
                        .run(other, List.of(output), new ChunkLoop.Sink() {
                            @Override
                            public boolean wants(int number, Chunk chunk) {
                                return tensors.contains(chunk.tensor());
                            }

                            @Override
                            public void accept(int number, Chunk chunk, MemorySegment bytes) {
                                GgmlType from =
                                        other.tasks().get(chunk.tensor()).targetType();
                                GgmlType to = own.get(chunk.tensor()).targetType();
                                try (Arena rows = Arena.ofConfined()) {
                                    change.set(
                                            chunk.aligned().name(),
                                            chunk.offset(to),
                                            from == to ? bytes : Requantized.rows(chunk, from, bytes, to, rows));
                                }
                            }
                        });
                change.complete(plan.metadata());
            }
            return true;
        });
    }

    /** @param before what the weights are already; empty if nothing is known of them */
    private List<TensorTask> compute(Plan plan, List<TensorTask> before, WorkOptions work, WeightsChange change)
            throws IOException {
        try (Arena arena = Arena.ofShared()) {
            ProgressMeter meter = new ProgressMeter(work.listener());
            List<TensorTask> tasks = tasks(plan, work, meter);
            ChunkComputer computer = DirectionPasses.computer(directions, pair.opened(), List.of(tasks), work, meter);
            TensorWork output =
                    new TensorWork(tasks, new ImportanceTable(plan.options().imatrix(), tasks, arena));
            new ChunkLoop(computer, PackedRows.ofFiles(pair.opened().inputs()), work, meter)
                    .run(plan, List.of(output), sink(tasks, before, change));
            return tasks;
        }
    }

    /** Leaves the tensors as they are that would be written as they are. */
    private static ChunkLoop.Sink sink(List<TensorTask> tasks, List<TensorTask> before, WeightsChange change) {
        boolean[] isThere = new boolean[tasks.size()];
        for (int i = 0; i < before.size(); i++) {
            isThere[i] = tasks.get(i).equals(before.get(i));
        }
        return new ChunkLoop.Sink() {
            @Override
            public void accept(int output, Chunk chunk, MemorySegment bytes) {
                TensorTask task = tasks.get(chunk.tensor());
                change.set(task.aligned().name(), chunk.offset(task.targetType()), bytes);
            }

            @Override
            public boolean wants(int output, Chunk chunk) {
                return !isThere[chunk.tensor()];
            }
        };
    }

    /** As {@link OpenModels#tasks}, but looks at every tensor once; one change at a time comes here. */
    private List<TensorTask> tasks(Plan plan, WorkOptions work, ProgressMeter meter) throws IOException {
        List<TensorTask> unknown = new ArrayList<>(plan.tasks());
        unknown.replaceAll(task -> new TensorTask.Copy(task.aligned(), "is known"));
        boolean isAnyUnknown = false;
        for (int i = 0; i < compared.length; i++) {
            if (!compared[i] && plan.tasks().get(i) instanceof TensorTask.Extrapolate task) {
                unknown.set(i, task);
                isAnyUnknown = true;
            }
        }
        if (isAnyUnknown) {
            boolean[] found = pair.opened().identicalTensors(unknown, work, meter);
            for (int i = 0; i < compared.length; i++) {
                compared[i] |= unknown.get(i) instanceof TensorTask.Extrapolate;
                identical[i] |= found[i];
            }
        }
        return IdenticalTensors.replace(plan.tasks(), identical);
    }

    private static List<TensorSpec> specs(Plan plan) {
        return plan.tasks().stream().map(OpenModels::spec).toList();
    }

    /** Closes the model; its memory is freed when all of its contexts are closed, too. */
    @Override
    public void close() {
        memory.close();
        try {
            directions.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a temporary file that nobody can do anything about
        }
    }
}
