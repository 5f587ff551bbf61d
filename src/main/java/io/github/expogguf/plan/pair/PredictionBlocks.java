package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.gguf.TensorNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * The blocks for multi-token prediction (MTP, nextn) that a model announces, the last {@code nextn_predict_layers} of
 * its {@code block_count} ({@code llama_hparams::n_layer}, llama.cpp v0.5.0), and those of them that it has tensors of.
 *
 * @param model     the model
 * @param trunk     blocks in front of them; 0 if the model does not say
 * @param announced how many there should be
 * @param present   numbers of those that have tensors
 */
public record PredictionBlocks(ModelHeader model, int trunk, int announced, NavigableSet<Integer> present) {

    /** Key of their number, without the architecture. */
    static final String ANNOUNCED = "nextn_predict_layers";

    private static final String BLOCK_COUNT = "block_count";
    private static final int MAX_BLOCKS = 1 << 20;

    public static PredictionBlocks of(ModelHeader model) {
        long blocks = count(model.metadata(), BLOCK_COUNT);
        long announced = count(model.metadata(), ANNOUNCED);
        if (blocks > MAX_BLOCKS || announced >= blocks) {
            announced = 0; // all of them, as in a file of these blocks alone, or nonsense
        }
        int trunk = (int) Math.min(blocks, MAX_BLOCKS) - (int) announced;
        NavigableSet<Integer> present = new TreeSet<>();
        if (announced == 0) { // as in most models, whose many names are not looked at
            return new PredictionBlocks(model, trunk, 0, present);
        }
        for (TensorInfo tensor : model.tensors()) {
            block(tensor.name()).stream()
                    .filter(block -> block >= trunk && block < blocks)
                    .forEach(present::add);
        }
        return new PredictionBlocks(model, trunk, (int) announced, present);
    }

    private static long count(Metadata metadata, String key) {
        return Math.max(0, metadata.integer(metadata.architecture() + "." + key).orElse(0));
    }

    /** Number of the block that a tensor belongs to; empty for {@code output.weight} and the like. */
    static OptionalInt block(String tensor) {
        return TensorNames.inBlock(tensor).stream()
                .filter(place -> place.part().isEmpty())
                .mapToInt(TensorNames.InBlock::number)
                .findFirst();
    }

    /** Whether some are announced that the model has no tensor of, so that llama.cpp may look for them in vain. */
    boolean areMissing() {
        return present.size() < announced;
    }

    /** Whether a tensor belongs to one of them. */
    boolean contains(String tensor) {
        OptionalInt block = block(tensor);
        return announced > 0 && block.isPresent() && block.getAsInt() >= trunk && block.getAsInt() < trunk + announced;
    }

    /** Their tensors. */
    List<TensorInfo> tensors() {
        return model.tensors().stream()
                .filter(tensor -> contains(tensor.name()))
                .toList();
    }

    /** As in {@code blk.2}, or {@code blk.61 to blk.63}. */
    String names() {
        return TensorNames.block(trunk) + (announced > 1 ? " to " + TensorNames.block(trunk + announced - 1) : "");
    }

    /** The model without them: their tensors left out, the two counts mended, values by layer cut to the trunk. */
    public ModelHeader dropped() {
        if (announced == 0) {
            return model;
        }
        Metadata metadata = model.metadata();
        Map<String, MetadataValue> values = new LinkedHashMap<>(metadata.asMap());
        values.replaceAll(this::withoutLayers);
        String prefix = metadata.architecture() + ".";
        values.computeIfPresent(prefix + BLOCK_COUNT, (_, value) -> MetadataValue.ofInteger(value.type(), trunk));
        values.computeIfPresent(prefix + ANNOUNCED, (_, value) -> MetadataValue.ofInteger(value.type(), 0));
        List<TensorInfo> tensors = new ArrayList<>(model.tensors());
        tensors.removeIf(tensor -> contains(tensor.name()));
        return new ModelHeader(model.name(), new Metadata(values), tensors);
    }

    private MetadataValue withoutLayers(String key, MetadataValue value) {
        String prefix = model.metadata().architecture() + ".";
        boolean isPerLayer = value.type() == MetadataType.ARRAY
                && value.elementCount() == trunk + announced
                && key.startsWith(prefix)
                && HyperParameterTable.LLAMA_CPP.isPerLayer(key.substring(prefix.length()));
        return isPerLayer ? value.firstElements(trunk) : value;
    }
}
