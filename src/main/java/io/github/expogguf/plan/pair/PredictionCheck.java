package io.github.expogguf.plan.pair;

import io.github.expogguf.MissingBlocksException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.options.KeyValueOverride;
import io.github.expogguf.text.Words;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whether the blocks for multi-token prediction that a model announces are there, and what dropping them does. */
public final class PredictionCheck {

    private PredictionCheck() {}

    /**
     * Refuses a model that announces blocks it does not have.
     *
     * @param overrides metadata that the output will have
     * @throws MissingBlocksException if some are missing
     */
    public static void requirePresent(ModelHeader model, List<KeyValueOverride> overrides) {
        Map<String, MetadataValue> values = new LinkedHashMap<>(model.metadata().asMap());
        overrides.forEach(override -> values.put(override.key(), override.value()));
        PredictionBlocks blocks =
                PredictionBlocks.of(new ModelHeader(model.name(), new Metadata(values), model.tensors()));
        if (blocks.areMissing()) {
            throw new MissingBlocksException(model.name() + ": " + missing(blocks));
        }
    }

    /** As in {@code announces 1 block for multi-token prediction (blk.2), ...}. */
    static String missing(PredictionBlocks blocks) {
        String architecture = blocks.model().metadata().architecture();
        return "announces " + Words.plural(blocks.announced(), "block") + " for multi-token prediction ("
                + blocks.names()
                + ") in " + architecture + ".block_count and " + architecture + "." + PredictionBlocks.ANNOUNCED
                + ", but has tensors of "
                + (blocks.present().isEmpty() ? "none" : blocks.present().size() + " only")
                + ", so that llama.cpp may refuse it";
    }

    /** What dropping them does to a model. */
    public static String dropped(ModelHeader model) {
        PredictionBlocks blocks = PredictionBlocks.of(model);
        if (blocks.announced() == 0) {
            return model.name() + " announces no block for multi-token prediction, so that there is none to leave out";
        }
        if (blocks.present().isEmpty()) {
            return model.name() + " announces " + Words.plural(blocks.announced(), "block")
                    + " for multi-token prediction ("
                    + blocks.names() + ") and has none: block_count becomes " + blocks.trunk() + " and "
                    + PredictionBlocks.ANNOUNCED + " 0";
        }
        return (blocks.announced() > 1 ? "the blocks" : "the block") + " for multi-token prediction (" + blocks.names()
                + ", "
                + Words.plural(blocks.tensors().size(), "tensor") + ") "
                + (blocks.announced() > 1 ? "are" : "is") + " left out: block_count becomes " + blocks.trunk() + " and "
                + PredictionBlocks.ANNOUNCED + " 0";
    }
}
