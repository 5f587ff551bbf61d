package io.github.expogguf.plan.pair;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
import io.github.expogguf.text.Roles;
import io.github.expogguf.text.Similar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether two models are checkpoints of one: same architecture, hyper-parameters, kind of tokenizer, tensors and
 * shapes. The vocabularies may differ as long as half of the aligned model's tokens are in both, one model may tie its
 * output to its embeddings where the other does not, or have the same weights in another layout, and tensors that
 * nobody trained or blocks for multi-token prediction may be in one model only. Types may differ from tensor to tensor
 * and from model to model, and so may everything else in the metadata: names, licences, chat templates. Pure: no I/O.
 *
 * @see HyperParameterPairing
 * @see TokenizerPairing
 * @see TensorPairing
 * @see TensorLayouts
 * @see UnpairedTensors
 */
public final class Pairing {

    private Pairing() {}

    /** Every difference that matters, one line each, grouped by kind and counted; none for a pair. */
    public static List<String> differences(ModelHeader sft, ModelHeader aligned) {
        return differences(sft, aligned, Set.of());
    }

    /**
     * Same, without hyper-parameters that may differ.
     *
     * @param accepted keys as they stand in the files; the result has the aligned model's values
     */
    public static List<String> differences(ModelHeader sft, ModelHeader aligned, Set<String> accepted) {
        return differences(sft, aligned, accepted, new TokenMatches());
    }

    /** Same, with what is known of their vocabularies. */
    public static List<String> differences(
            ModelHeader sft, ModelHeader aligned, Set<String> accepted, TokenMatches known) {
        List<String> differences = new ArrayList<>();
        TensorLayouts layouts = TensorLayouts.of(sft, aligned);
        String sftArchitecture = sft.metadata().architecture();
        String alignedArchitecture = aligned.metadata().architecture();
        if (sftArchitecture.equals(alignedArchitecture)) {
            refused(sft, aligned, accepted).forEach(difference -> differences.add(difference.toString()));
        } else {
            // every key begins with the architecture: comparing them would only repeat this
            differences.add("architecture: " + Escape.quote(sftArchitecture) + " in the SFT model, "
                    + Escape.quote(alignedArchitecture) + " in the aligned model");
        }
        Optional<TokenMatch> tokens = known.of(sft.metadata(), aligned.metadata());
        differences.addAll(TokenizerPairing.differences(sft.metadata(), aligned.metadata(), tokens));
        UnpairedTensors unpaired = UnpairedTensors.of(sft, aligned);
        differences.addAll(TensorPairing.differences(
                unpaired.sftTensors(),
                unpaired.alignedTensors(),
                layouts,
                tokens.filter(TokenMatch::isUsable).isPresent()));
        return differences;
    }

    private static List<KeyDifference> refused(ModelHeader sft, ModelHeader aligned, Set<String> accepted) {
        return keys(sft, aligned).stream()
                .filter(difference -> difference.matters() && !accepted.contains(difference.key()))
                .toList();
    }

    private static List<KeyDifference> keys(ModelHeader sft, ModelHeader aligned) {
        return HyperParameterPairing.differences(
                sft, aligned, TensorLayouts.of(sft, aligned).consistentKeys());
    }

    /** What is worth knowing of a pair and keeps nothing from being one, a line each. */
    public static List<String> notes(ModelHeader sft, ModelHeader aligned, Set<String> accepted) {
        List<String> notes = new ArrayList<>();
        if (sft.metadata().architecture().equals(aligned.metadata().architecture())) {
            List<KeyDifference> keys = keys(sft, aligned);
            keys.stream()
                    .filter(key -> accepted.contains(key.key()))
                    .forEach(key -> notes.add(key + "; accepted, the result has the aligned model's"));
            List<KeyDifference> unread = keys.stream()
                    .filter(key -> !key.matters() && !accepted.contains(key.key()))
                    .toList();
            if (!unread.isEmpty()) {
                notes.add(
                        Names.list(unread.stream().map(KeyDifference::key).toList())
                                + (unread.size() == 1 ? " differs" : " differ")
                                + ", but llama.cpp computes nothing from it for this architecture; the result has the aligned model's");
            }
            Set<String> different =
                    Set.copyOf(keys.stream().map(KeyDifference::key).toList());
            accepted.stream()
                    .filter(key -> !different.contains(key))
                    .sorted()
                    .forEach(key -> notes.add(Escape.text(key) + ": a difference was accepted, but there is none"));
        }
        notes.addAll(UnpairedTensors.of(sft, aligned).notes());
        return notes;
    }

    /** A tensor that nobody trained, in both models. */
    public record Constant(TensorInfo sft, TensorInfo aligned) {}

    /** The tensors that both models have and that are computed from the configuration, not trained. */
    public static List<Constant> constants(ModelHeader sft, ModelHeader aligned) {
        String architecture = aligned.metadata().architecture();
        List<TensorInfo> after = aligned.tensors().stream()
                .filter(tensor -> ConstantTensors.contain(architecture, tensor.name()))
                .toList();
        if (after.isEmpty()) {
            return List.of(); // most models; a header may have very many tensors to look among
        }
        Map<String, TensorInfo> before = new HashMap<>();
        sft.tensors().forEach(tensor -> before.put(tensor.name(), tensor));
        return after.stream()
                .flatMap(tensor ->
                        Optional.ofNullable(before.get(tensor.name())).map(of -> new Constant(of, tensor)).stream())
                .toList();
    }

    /**
     * Refuses what is not a pair.
     *
     * @throws ModelMismatchException with all differences
     */
    public static void check(ModelHeader sft, ModelHeader aligned) {
        check(sft, aligned, Set.of(), new TokenMatches());
    }

    /**
     * Refuses what is not a pair even if some hyper-parameters may differ.
     *
     * @param accepted keys as they stand in the files
     * @param known    what is known of their vocabularies
     * @throws ModelMismatchException   with all differences
     * @throws IllegalArgumentException if neither model has one of these keys
     */
    public static void check(ModelHeader sft, ModelHeader aligned, Set<String> accepted, TokenMatches known) {
        check(sft, aligned, accepted, known, Roles.PAIR);
    }

    /** Same, with what the two are called. */
    public static void check(
            ModelHeader sft, ModelHeader aligned, Set<String> accepted, TokenMatches known, Roles roles) {
        List<String> differences = differences(sft, aligned, accepted, known).stream()
                .map(roles::in)
                .toList();
        if (!differences.isEmpty()) {
            List<String> keys =
                    sft.metadata().architecture().equals(aligned.metadata().architecture())
                            ? refused(sft, aligned, accepted).stream()
                                    .map(KeyDifference::key)
                                    .toList()
                            : List.of();
            throw new ModelMismatchException(
                    sft.name() + " and " + aligned.name() + " are not a pair:\n  " + String.join("\n  ", differences),
                    differences,
                    keys.size() == differences.size() ? keys : List.of());
        }
    }

    /** Refuses keys that cannot be a difference, because no model has them. */
    public static void requireKnown(Set<String> accepted, List<ModelHeader> models) {
        for (String key : accepted) {
            if (models.stream().noneMatch(model -> isThere(model, key))) {
                throw new IllegalArgumentException("a difference of " + Escape.quote(key)
                        + " was accepted, but none of the models has a key of this name"
                        + Similar.hint(
                                key,
                                models.stream()
                                        .flatMap(model -> model.metadata().keys().stream())
                                        .toList()));
            }
        }
    }

    /** As a key, or as one that its value is computed from. */
    private static boolean isThere(ModelHeader model, String key) {
        String prefix = model.metadata().architecture() + ".";
        return model.metadata().get(key).isPresent()
                || (key.startsWith(prefix)
                        && HyperParameterTable.LLAMA_CPP
                                .row(model.metadata().architecture(), key.substring(prefix.length()))
                                .isPresent());
    }
}
