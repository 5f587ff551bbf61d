package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The tensors of two models that need no counterpart in the other one: constants, and blocks for multi-token prediction
 * that one of the two does not have. The result has those of the aligned model as they are.
 */
public final class UnpairedTensors {

    private final ModelHeader sft;
    private final ModelHeader aligned;
    private final PredictionBlocks sftBlocks;
    private final PredictionBlocks alignedBlocks;

    private UnpairedTensors(ModelHeader sft, ModelHeader aligned) {
        this.sft = sft;
        this.aligned = aligned;
        this.sftBlocks = PredictionBlocks.of(sft);
        this.alignedBlocks = PredictionBlocks.of(aligned);
    }

    public static UnpairedTensors of(ModelHeader sft, ModelHeader aligned) {
        return new UnpairedTensors(sft, aligned);
    }

    /** Why a tensor of the aligned model is taken as it is; empty if it must have a counterpart. */
    public Optional<String> reason(String tensor) {
        if (isConstant(tensor)) {
            return Optional.of("computed from the configuration, not trained");
        }
        return isOnlyIn(alignedBlocks, sftBlocks, tensor)
                ? Optional.of("multi-token prediction, which only the aligned model has")
                : Optional.empty();
    }

    /** The tensors of the SFT model that must have a counterpart. */
    List<TensorInfo> sftTensors() {
        return sft.tensors().stream()
                .filter(tensor -> !isConstant(tensor.name()) && !isOnlyIn(sftBlocks, alignedBlocks, tensor.name()))
                .toList();
    }

    /** The same of the aligned model. */
    List<TensorInfo> alignedTensors() {
        return aligned.tensors().stream()
                .filter(tensor -> reason(tensor.name()).isEmpty())
                .toList();
    }

    private boolean isConstant(String tensor) {
        return ConstantTensors.contain(aligned.metadata().architecture(), tensor);
    }

    private static boolean isOnlyIn(PredictionBlocks blocks, PredictionBlocks others, String tensor) {
        return blocks.contains(tensor)
                && !others.present().contains(PredictionBlocks.block(tensor).getAsInt())
                && others.trunk() == blocks.trunk();
    }

    /** What is taken from the aligned model or left out for it, a line each. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        constants(notes);
        Optional<String> onlyInAligned = onlyIn(alignedBlocks, sftBlocks);
        onlyInAligned.ifPresent(what -> notes.add("only the aligned model has " + what
                + ": the result has it as it is, what comes before it is extrapolated"));
        onlyIn(sftBlocks, alignedBlocks)
                .ifPresent(what -> notes.add("only the SFT model has " + what + ": the result is without it"));
        if (sftBlocks.areMissing() && onlyInAligned.isEmpty()) {
            notes.add("the SFT model announces " + Words.plural(sftBlocks.announced(), "block")
                    + " for multi-token prediction and has tensors of "
                    + sftBlocks.present().size());
        }
        return notes;
    }

    private void constants(List<String> notes) {
        List<String> inSft = constants(sft);
        List<String> inAligned = constants(aligned);
        List<String> onlyInSft = without(inSft, inAligned);
        List<String> onlyInAligned = without(inAligned, inSft);
        if (!onlyInAligned.isEmpty()) {
            notes.add(Names.list(onlyInAligned)
                    + ": only in the aligned model, computed from the configuration and not trained;"
                    + " the result has the aligned model's");
        }
        if (!onlyInSft.isEmpty()) {
            notes.add(
                    Names.list(onlyInSft) + ": only in the SFT model, computed from the configuration and not trained;"
                            + " the result is without, as the aligned model is");
        }
    }

    private static List<String> constants(ModelHeader model) {
        return model.tensors().stream()
                .map(TensorInfo::name)
                .filter(name -> ConstantTensors.contain(model.metadata().architecture(), name))
                .toList();
    }

    private static List<String> without(List<String> names, List<String> others) {
        List<String> rest = new ArrayList<>(names);
        rest.removeAll(new HashSet<>(others));
        return rest;
    }

    private static Optional<String> onlyIn(PredictionBlocks blocks, PredictionBlocks others) {
        List<TensorInfo> tensors = blocks.tensors().stream()
                .filter(tensor -> isOnlyIn(blocks, others, tensor.name()))
                .toList();
        return tensors.isEmpty()
                ? Optional.empty()
                : Optional.of("the " + (blocks.announced() > 1 ? "blocks" : "block") + " for multi-token prediction ("
                        + Escape.text(blocks.names()) + ", " + Words.plural(tensors.size(), "tensor") + ")");
    }
}
