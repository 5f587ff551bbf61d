package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether a model has the blocks that {@code block_count} and {@code nextn_predict_layers} announce. llama.cpp looks
 * for the tensors of all of them, and refuses a file that has more.
 */
public final class BlockCount {

    /** They run the same blocks several times (hrm_text), leave blocks empty (deci), or add one (graniteswitch). */
    private static final Set<String> OTHERWISE_COUNTED = Set.of("hrm_text", "deci", "graniteswitch");

    private BlockCount() {}

    /** What does not agree, a line each; empty also for models that llama.cpp does not know or that have no blocks. */
    public static List<String> problems(ModelHeader model) {
        String architecture = model.metadata().architecture();
        OptionalInt count = count(model, architecture);
        NavigableSet<Integer> blocks = blocks(model);
        if (count.isEmpty() || blocks.isEmpty() || !HyperParameterTable.LLAMA_CPP.knows(architecture)) {
            return List.of();
        }
        List<String> problems = new ArrayList<>();
        PredictionBlocks prediction = PredictionBlocks.of(model);
        if (prediction.areMissing()) {
            problems.add(PredictionCheck.missing(prediction));
        }
        if (!OTHERWISE_COUNTED.contains(architecture)) {
            trunk(prediction, blocks).ifPresent(problems::add);
            beyond(count.getAsInt(), blocks).ifPresent(problems::add);
        }
        return problems;
    }

    private static OptionalInt count(ModelHeader model, String architecture) {
        long count = model.metadata().integer(architecture + ".block_count").orElse(0);
        return count < 1 || count > Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of((int) count);
    }

    private static NavigableSet<Integer> blocks(ModelHeader model) {
        NavigableSet<Integer> blocks = new TreeSet<>();
        for (TensorInfo tensor : model.tensors()) {
            PredictionBlocks.block(tensor.name()).ifPresent(blocks::add);
        }
        return blocks;
    }

    /** A file may hold the blocks for multi-token prediction alone, to be used beside another one. */
    private static Optional<String> trunk(PredictionBlocks prediction, NavigableSet<Integer> blocks) {
        int present = blocks.headSet(prediction.trunk()).size();
        boolean isPredictionAlone = present == 0 && !prediction.present().isEmpty();
        return present == prediction.trunk() || isPredictionAlone
                ? Optional.empty()
                : Optional.of("announces " + Words.plural(prediction.trunk(), "block")
                        + (prediction.announced() > 0 ? " beside those for multi-token prediction" : "") + " in "
                        + prediction.model().metadata().architecture() + ".block_count, but has tensors of " + present
                        + " of them, so that llama.cpp will refuse it");
    }

    private static Optional<String> beyond(int count, NavigableSet<Integer> blocks) {
        List<String> names =
                blocks.tailSet(count).stream().map(TensorNames::block).toList();
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of("has tensors of " + Names.list(names) + ", beyond the " + Words.plural(count, "block")
                        + " of block_count, so that llama.cpp will refuse it");
    }
}
