package io.github.expogguf.compare;

import io.github.expogguf.compare.Remark.Weight;
import io.github.expogguf.gguf.Escape;
import io.github.expogguf.gguf.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether two models look like one before and one after alignment, told from their weights and metadata. */
final class PairJudgement {

    /** Models of the same training stay close to 1; models that share no weights are close to 0. */
    private static final double MIN_COSINE = 0.9;

    /** Alignment moves the weights by thousandths of their norm; instruction tuning of a base model by hundredths. */
    private static final double MAX_RELATIVE_NORM = 0.1;

    /** Share of the delta's energy that may be rounding before it is worth a warning. */
    private static final double MAX_NOISE_SHARE = 0.25;

    private static final String TEMPLATE = "tokenizer.chat_template";

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
            add(Weight.WRONG, "no tensor of the two has the same name and shape");
            return remarks;
        }
        weights();
        roles();
        chatTemplates();
        if (remarks.stream().allMatch(remark -> remark.weight() == Weight.NOTE)) {
            remarks.addFirst(new Remark(
                    Weight.NOTE,
                    "plausible: the aligned model lies " + percent(total.relativeNorm())
                            + " of the SFT model's norm away from it, as after alignment"));
        }
        return remarks;
    }

    private void weights() {
        if (!Double.isFinite(total.deltaSquares())) {
            add(Weight.WRONG, "the weights hold NaN or infinity");
            return;
        }
        if (total.changed() == 0) {
            add(Weight.WRONG, "the weights are the same in both: there is nothing to extrapolate");
            return;
        }
        if (total.cosine() < MIN_COSINE) {
            add(
                    Weight.WRONG,
                    "unrelated: the weights point in different directions (cosine " + number(total.cosine())
                            + ", of a pair close to 1); the two did not start from the same weights");
        } else if (total.relativeNorm() > MAX_RELATIVE_NORM) {
            add(
                    Weight.WARNING,
                    "far apart: the delta is " + percent(total.relativeNorm())
                            + " of the SFT model's norm, much more than alignment changes; from a base model to its SFT model"
                            + " extrapolation is known to collapse");
        }
        noise();
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
            add(
                    Weight.WARNING,
                    "noisy: rounding to the types of the inputs may make up "
                            + (share >= 1 ? "all" : percent(share)) + " of the difference; take F16, BF16 or Q8_0 files");
        }
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
                    "only the " + (sft.isPresent() ? "SFT" : "aligned") + " model has a chat template; the result has the"
                            + " aligned model's");
        } else if (!sft.equals(aligned)) {
            add(
                    Weight.NOTE,
                    "the chat templates differ; the result has the aligned model's: " + Escape.quote(start(aligned.get())));
        }
    }

    private static String start(String template) {
        return template.length() <= 40 ? template : template.substring(0, 40) + "...";
    }

    private void add(Weight weight, String text) {
        remarks.add(new Remark(weight, text));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, share < 0.001 ? "%.3f %%" : share < 0.1 ? "%.2f %%" : "%.0f %%", 100 * share);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
