package io.github.expogguf.compare;

import io.github.expogguf.compare.Remark.Weight;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.pair.TensorLayouts;
import io.github.expogguf.plan.pair.VocabularyDifference;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Whether two models look like one before and one after alignment, told from their weights and metadata. */
final class PairJudgement {

    /** Models of the same training stay close to 1; models that share no weights are close to 0. */
    private static final double MIN_COSINE = 0.9;

    /** Alignment moves the weights by thousandths of their norm; instruction tuning of a base model by hundredths. */
    private static final double MAX_RELATIVE_NORM = 0.1;

    /** Share of the delta's energy that may be rounding before it is worth a warning. */
    private static final double MAX_NOISE_SHARE = 0.25;

    private static final String TEMPLATE = "tokenizer.chat_template";

    /** What a tokenizer does with its tokens; which tokens there are, {@code plan} compares. */
    private static final List<String> TOKENIZER_SETTINGS = List.of(
            "add_bos_token",
            "add_eos_token",
            "add_space_prefix",
            "padding_token_id",
            "eos_token_id",
            "eot_token_id",
            "eom_token_id");

    private final PairComparison pair;
    private final DeltaSums total;
    private final List<Remark> remarks = new ArrayList<>();

    PairJudgement(PairComparison pair) {
        this.pair = pair;
        this.total = pair.total();
    }

    List<Remark> remarks() {
        for (String difference : pair.differences()) {
            add(Weight.WRONG, "not a pair: " + difference);
        }
        if (pair.tensors().isEmpty()) {
            add(Weight.WRONG, withoutWeights());
            return remarks;
        }
        doubts();
        sameTensors();
        if (remarks.stream().allMatch(remark -> remark.weight() == Weight.NOTE)) {
            remarks.addFirst(new Remark(
                    Weight.NOTE,
                    "plausible: the aligned model lies " + percent(total.relativeNorm())
                            + " of the SFT model's norm away from it, as after alignment"));
        }
        return remarks;
    }

    List<Remark> doubts() {
        if (pair.tensors().isEmpty()) {
            add(Weight.WRONG, withoutWeights());
        } else {
            weights();
        }
        pair.notes().forEach(note -> add(Weight.NOTE, note));
        roles();
        chatTemplates();
        tokenizers();
        TensorLayouts.note(pair.sft(), pair.aligned()).ifPresent(line -> add(Weight.NOTE, line));
        return remarks;
    }

    private String withoutWeights() {
        return pair.aligned().tensors().isEmpty()
                ? "the aligned model has no tensors: there is nothing to extrapolate"
                : "no tensor of the two has the same name and shape";
    }

    private void weights() {
        if (!Double.isFinite(total.deltaSquares())) {
            add(Weight.WRONG, "the weights hold NaN or infinity");
            return;
        }
        if (total.changed() == 0) {
            add(
                    Weight.WRONG,
                    pair.sampled()
                            ? "a sample of the weights is the same in both: there may be nothing to extrapolate"
                            : "the weights are the same in both: there is nothing to extrapolate");
            return;
        }
        DeltaSums trained = withoutRounding();
        if (trained.cosine() < MIN_COSINE) {
            add(
                    Weight.WRONG,
                    "unrelated: the weights point in different directions (cosine " + Numbers.fixed(trained.cosine(), 3)
                            + ", of a pair close to 1); the two did not start from the same weights");
        } else if (trained.relativeNorm() > MAX_RELATIVE_NORM) {
            add(
                    Weight.WARNING,
                    "far apart: the delta is " + percent(trained.relativeNorm())
                            + " of the SFT model's norm, much more than alignment changes; from a base model to its SFT model"
                            + " extrapolation is known to collapse");
        }
        noise();
        trainedTypes();
    }

    /**
     * What is left when the rounding of the inputs is taken to have made up all that it can; coarse files of one model
     * differ, too.
     */
    private DeltaSums withoutRounding() {
        double noise = pair.noise() * pair.noise() * total.elements();
        double delta = Math.max(0, total.deltaSquares() - noise);
        double product = total.product() + (total.deltaSquares() - delta) / 2; // |a - b|^2 = |a|^2 + |b|^2 - 2 ab
        return new DeltaSums(
                total.elements(),
                total.changed(),
                total.sftSquares(),
                total.alignedSquares(),
                delta,
                product,
                total.maxDelta());
    }

    private void sameTensors() {
        if (total.changed() == 0) {
            return; // said already
        }
        long same = pair.tensors().stream()
                .filter(tensor -> tensor.sums().changed() == 0)
                .count();
        if (same > 0) {
            add(Weight.NOTE, same + " of " + pair.tensors().size() + " tensors are the same in both");
        }
    }

    private void noise() {
        double share = Math.pow(pair.noise() / total.deltaRms(), 2);
        if (share > MAX_NOISE_SHARE) {
            InputNoise.of(pair.tensors()).ifPresent(most -> {
                String part = (share >= 1 ? "all" : percent(share)) + " of the difference; ";
                add(most.weight(), "noisy: rounding to " + most.type() + " may make up " + part + most.remedy());
            });
        }
    }

    /** Weights that are taken as exact although their type is a quantized one. */
    private void trainedTypes() {
        TreeSet<GgmlType> types = new TreeSet<>();
        for (TensorDelta tensor : pair.tensors()) {
            if (TrainedTypes.isTrained(pair.sft().metadata(), tensor.sft())) {
                types.add(tensor.sft().type());
            }
            if (TrainedTypes.isTrained(pair.aligned().metadata(), tensor.aligned())) {
                types.add(tensor.aligned().type());
            }
        }
        types.forEach(type -> add(
                Weight.NOTE,
                "weights in " + type
                        + " are taken as trained in it, not as rounded; a step smaller than its levels cannot be"
                        + " written in it"));
    }

    private void roles() {
        Role sft = Role.of(pair.sft());
        Role aligned = Role.of(pair.aligned());
        if (isParent(pair.aligned().metadata(), pair.sft().metadata())) {
            add(Weight.WARNING, "swapped? the SFT model's metadata names the aligned one as what it was made from");
        } else if (sft == Role.ALIGNED && (aligned == Role.SFT || aligned == Role.BASE)) {
            add(Weight.WARNING, "swapped? by its name the SFT model is an aligned one, and the aligned model is not");
        } else if (sft == Role.BASE && aligned != Role.ALIGNED) {
            add(
                    Weight.WARNING,
                    "base and SFT? by its name the SFT model is a base model, and nothing says that the other is aligned;"
                            + " from base to SFT extrapolation is known to collapse");
        }
    }

    /** Whether a model is named among those that another was made from. */
    private static boolean isParent(Metadata parent, Metadata child) {
        Optional<String> name = parent.string("general.name");
        return name.isPresent()
                && child.keys().stream()
                        .filter(key -> key.matches("general\\.base_model\\.\\d+\\.name"))
                        .anyMatch(key -> child.string(key).equals(name));
    }

    private void chatTemplates() {
        Optional<String> sft = pair.sft().metadata().string(TEMPLATE);
        Optional<String> aligned = pair.aligned().metadata().string(TEMPLATE);
        if (sft.isPresent() != aligned.isPresent()) {
            add(
                    Weight.NOTE,
                    sft.isPresent()
                            ? "only the SFT model has a chat template; the result has none, like the aligned model"
                            : "only the aligned model has a chat template; the result has it");
        } else if (!sft.equals(aligned)) {
            add(
                    Weight.NOTE,
                    "the chat templates differ; the result has the aligned model's: "
                            + Escape.quote(start(aligned.get())));
        }
    }

    /** Like {@link io.github.expogguf.plan.pair.Pairing}, takes what only one file states for no difference. */
    private void tokenizers() {
        VocabularyDifference.of(pair.sft(), pair.aligned())
                .ifPresent(vocabulary -> vocabulary.lines().forEach(line -> add(Weight.NOTE, line)));
        VocabularyDifference.tiedOutput(pair.sft(), pair.aligned()).ifPresent(line -> add(Weight.NOTE, line));
        List<String> differing = TOKENIZER_SETTINGS.stream()
                .filter(key -> differ(pair.sft().metadata(), pair.aligned().metadata(), "tokenizer.ggml." + key))
                .toList();
        if (!differing.isEmpty()) {
            add(
                    Weight.NOTE,
                    "the tokenizers' settings differ (" + String.join(", ", differing)
                            + "); the result has the aligned model's");
        }
    }

    private static boolean differ(Metadata sft, Metadata aligned, String key) {
        Optional<String> from = sft.get(key).map(MetadataValue::toString);
        Optional<String> to = aligned.get(key).map(MetadataValue::toString);
        return from.isPresent() && to.isPresent() && !from.equals(to);
    }

    private static String start(String template) {
        return template.length() <= 40 ? template : template.substring(0, 40) + "...";
    }

    private void add(Weight weight, String text) {
        remarks.add(new Remark(weight, text));
    }

    private static String percent(double share) {
        return Numbers.percent(share, share < 0.001 ? 3 : share < 0.1 ? 2 : 0);
    }
}
