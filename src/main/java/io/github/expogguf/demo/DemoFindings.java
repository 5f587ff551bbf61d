package io.github.expogguf.demo;

import io.github.expogguf.demo.DemoModel.Difference;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads the numbers of a result. A difference counts from two standard errors on, taken question by question. */
final class DemoFindings {

    private static final int MAX_EXAMPLES = 4;

    private final DemoResult result;

    DemoFindings(DemoResult result) {
        this.result = result;
    }

    List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        for (FileType type : result.fileTypes()) {
            sentences.add(whereItWorks(type));
        }
        sentences.add(whereItStops(result.fileTypes().getFirst()));
        return sentences;
    }

    private String whereItWorks(FileType type) {
        DemoModel aligned = aligned(type);
        DemoModel best = best(type);
        Difference gain = best.minus(aligned);
        if (!gain.isRise()) {
            return String.format(
                    Locale.ROOT,
                    "%s: no alpha raises the reward of the aligned model (%s) beyond chance",
                    type,
                    number(aligned.meanReward()));
        }
        return String.format(
                Locale.ROOT,
                "%s: %s, the best of these, raises the mean reward of the aligned model from %s to %s (%s)",
                type,
                best.name(),
                number(aligned.meanReward()),
                number(best.meanReward()),
                text(gain));
    }

    private String whereItStops(FileType type) {
        DemoModel aligned = aligned(type);
        DemoModel best = best(type);
        Optional<DemoModel> tooFar = result.models(type).stream()
                .filter(model -> model.alpha().orElse(-1) > best.alpha().getAsDouble())
                .filter(model -> model.minus(aligned).isFall())
                .findFirst();
        if (tooFar.isEmpty()) {
            return type + ": none of these alphas is so large that the reward falls below the aligned model's";
        }
        DemoModel model = tooFar.get();
        DemoModel sft = result.models(type).getFirst();
        String below = model.minus(sft).isFall() ? ", below the SFT model's " + number(sft.meanReward()) : "";
        return String.format(
                Locale.ROOT,
                "%s: %s is too far: the reward falls to %s%s; %s of the answers are right (%s at %s), and %s",
                type,
                model.name(),
                number(model.meanReward()),
                below,
                Numbers.percent(right(model), 0),
                Numbers.percent(right(best), 0),
                best.name(),
                repeats(model, best));
    }

    private static String repeats(DemoModel model, DemoModel best) {
        double repeats = repeatsOf(model);
        return repeats > repeatsOf(best)
                ? String.format(
                        Locale.ROOT,
                        "an answer repeats %s sentences (%s at %s)",
                        number(repeats),
                        number(repeatsOf(best)),
                        best.name())
                : "the style stays as it was at " + best.name();
    }

    private static double repeatsOf(DemoModel model) {
        return model.mean(answer -> answer.attributes().repeat());
    }

    private static double right(DemoModel model) {
        return model.mean(answer -> answer.attributes().correct() ? 1 : 0);
    }

    DemoModel aligned(FileType type) {
        return result.models(type).stream()
                .filter(model -> model.alpha().orElse(-1) == 0)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no model of alpha 0 in " + type));
    }

    /** The extrapolated model with the largest mean reward; the smallest alpha among equals. */
    DemoModel best(FileType type) {
        return result.models(type).stream()
                .filter(model -> model.alpha().isPresent())
                .reduce((a, b) -> b.meanReward() > a.meanReward() ? b : a)
                .orElseThrow(() -> new IllegalStateException("there is no extrapolated model in " + type));
    }

    /**
     * Questions that show the difference, by their index: those that gain most by the best alpha, of different kinds,
     * and the one that loses most by it, if any.
     */
    List<Integer> examples(FileType type) {
        DemoModel aligned = aligned(type);
        DemoModel best = best(type);
        DemoModel last = result.models(type).getLast();
        Comparator<Integer> byGain = Comparator.comparingDouble(index -> gain(best, aligned, index));
        Comparator<Integer> byLoss = Comparator.comparingDouble(index -> gain(best, last, index));
        List<Integer> order = new ArrayList<>();
        for (int index = 0; index < result.prompts().size(); index++) {
            order.add(index);
        }
        order.sort(byGain.reversed().thenComparing(byLoss.reversed()));
        List<Integer> chosen = new ArrayList<>();
        for (int index : order) {
            boolean newKind = chosen.stream().noneMatch(other -> family(other).equals(family(index)));
            if (newKind && chosen.size() < MAX_EXAMPLES - 1 && gain(best, aligned, index) > 0) {
                chosen.add(index);
            }
        }
        if (gain(best, aligned, order.getLast()) < 0) {
            chosen.add(order.getLast());
        }
        return chosen;
    }

    private String family(int index) {
        return result.prompts().get(index).family();
    }

    private static double gain(DemoModel model, DemoModel other, int index) {
        return model.answers().get(index).reward() - other.answers().get(index).reward();
    }

    static String number(double value) {
        return Numbers.fixed(value, 2);
    }

    private static String text(Difference difference) {
        return String.format(
                Locale.ROOT,
                "difference %+.2f ± %.2f, question by question",
                difference.mean(),
                difference.standardError());
    }
}
