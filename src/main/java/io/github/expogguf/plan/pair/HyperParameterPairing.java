package io.github.expogguf.plan.pair;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.pair.HyperParameterTable.Row;
import io.github.expogguf.plan.pair.HyperParameterTable.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares the hyper-parameters of two models of one architecture: the keys {@code <architecture>.*} and {@code
 * xielu.*}. A missing key has llama.cpp's default ({@link HyperParameterTable}); a key that llama.cpp does not read for
 * the architecture makes no difference that matters. Of an architecture that llama.cpp does not know every key matters.
 * Blocks for multi-token prediction are left to {@link PredictionBlocks}.
 */
final class HyperParameterPairing {

    /** How far a model was trained to look, and a copy of the number of tokens. */
    private static final Set<String> HARMLESS = Set.of("context_length", "vocab_size");

    private static final String BLOCK_COUNT = "block_count";
    private static final String RULE_OF_ANOTHER = "@in ";

    private final Metadata sft;
    private final Metadata aligned;
    private final String architecture;
    private final HyperParameterValues sftValues;
    private final HyperParameterValues alignedValues;
    private final boolean haveSameTrunk;

    private HyperParameterPairing(ModelHeader sft, ModelHeader aligned) {
        this.sft = sft.metadata();
        this.aligned = aligned.metadata();
        this.architecture = this.aligned.architecture();
        int sftTrunk = PredictionBlocks.of(sft).trunk();
        int alignedTrunk = PredictionBlocks.of(aligned).trunk();
        this.sftValues = new HyperParameterValues(this.sft, sftTrunk);
        this.alignedValues = new HyperParameterValues(this.aligned, alignedTrunk);
        this.haveSameTrunk = sftTrunk > 0 && sftTrunk == alignedTrunk;
    }

    /** @param ignored keys of the files whose values are known to go together although they differ */
    static List<KeyDifference> differences(ModelHeader sft, ModelHeader aligned, Set<String> ignored) {
        return new HyperParameterPairing(sft, aligned).differences(ignored);
    }

    private List<KeyDifference> differences(Set<String> ignored) {
        List<KeyDifference> differences = new ArrayList<>();
        for (String key : keys()) {
            String fileKey = alignedValues.fileKey(key);
            boolean isEqual = sftValues.effective(key).equals(alignedValues.effective(key));
            boolean isSame = sft.get(fileKey).isPresent() && sft.get(fileKey).equals(aligned.get(fileKey));
            if (!isEqual && !ignored.contains(fileKey) && !(isSame && !isComputed(key))) {
                differences.add(
                        new KeyDifference(fileKey, value(sftValues, key), value(alignedValues, key), matters(key)));
            }
        }
        return differences;
    }

    private static KeyDifference.Value value(HyperParameterValues values, String key) {
        return new KeyDifference.Value(values.stated(key), values.missing(key));
    }

    /** Whether other keys decide, too, what the value of a key means. */
    private boolean isComputed(String key) {
        return row(key).filter(row -> row.missing().startsWith("@")).isPresent();
    }

    private boolean matters(String key) {
        return !HyperParameterTable.LLAMA_CPP.knows(architecture)
                || row(key).filter(row -> row.use() == Use.READ).isPresent();
    }

    private Optional<Row> row(String key) {
        return HyperParameterTable.LLAMA_CPP.row(architecture, key);
    }

    private Set<String> keys() {
        String prefix = architecture + ".";
        Set<String> keys = new TreeSet<>();
        for (Metadata metadata : List.of(sft, aligned)) {
            for (String key : metadata.keys()) {
                if (key.startsWith("xielu.")) {
                    keys.add(key);
                } else if (key.startsWith(prefix)) {
                    keys.add(decisive(key.substring(prefix.length())));
                }
            }
        }
        if (isStretched(sftValues)
                && isStretched(alignedValues)) { // by the trained length, which is harmless elsewhere
            keys.add("rope.scaling.original_context_length");
        }
        keys.removeAll(HARMLESS);
        if (haveSameTrunk) {
            keys.removeAll(Set.of(BLOCK_COUNT, PredictionBlocks.ANNOUNCED));
        }
        return keys;
    }

    /** The key whose value counts: {@code rope.scale_linear} is a former name of {@code rope.scaling.factor}. */
    private String decisive(String key) {
        return row(key).map(Row::missing)
                .filter(rule -> rule.startsWith(RULE_OF_ANOTHER))
                .map(rule -> rule.substring(RULE_OF_ANOTHER.length()))
                .orElse(key);
    }

    private static boolean isStretched(HyperParameterValues values) {
        return values.effective("rope.scaling.type")
                .filter(type -> type.equals("yarn") || type.equals("longrope"))
                .isPresent();
    }
}
