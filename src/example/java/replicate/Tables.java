package replicate;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.GuardBound;
import io.github.expogguf.search.SearchResult;
import io.github.expogguf.search.Trial;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results as text. */
final class Tables {

    private Tables() {}

    static String ofType(FileType type, List<Listening.Heard> pairs) {
        StringBuilder text = new StringBuilder();
        text.append(line("%s weights: alpha chosen by reward on every second question,", type));
        text.append(line("rewards of the other half (± standard error)"));
        text.append(line("%-8s  %s  %s", "", choiceHead("greedy"), choiceHead("sampled")));
        for (Listening.Heard heard : pairs) {
            text.append(line("%-8s  %s  %s", heard.pair(), choice(heard.greedy()), choice(heard.sampled())));
        }
        text.append(line("%nevery alpha, all questions: reward greedy / sampled; KL from alpha 0 in nats per token"));
        text.append(line("(! breaks one of these bounds: %s)", join(Listening.BOUNDS)));
        List<String> heads =
                pairs.stream().map(pair -> "%-24s".formatted(pair.pair())).toList();
        text.append(line("%5s  %s", "alpha", String.join("  ", heads)));
        for (Trial trial : pairs.getFirst().greedy().trials()) {
            float alpha = trial.alpha();
            List<String> cells = pairs.stream().map(pair -> at(pair, alpha)).toList();
            text.append(line("%5s  %s", number(alpha), String.join("  ", cells)));
        }
        text.append(line("%nchosen without a reward: by the preference margin, in nats per token, on held-out pairs,"));
        text.append(line("within the bound of the divergence"));
        for (Listening.Heard heard : pairs) {
            text.append(margin(heard));
        }
        return text.toString();
    }

    private static String choiceHead(String how) {
        return "%-12s  %5s  %-12s  %-14s".formatted(how + ", 0", "alpha", "ExPO", "gain");
    }

    private static String choice(SearchResult result) {
        Trial aligned = at(result, 0);
        Trial best = result.best().orElseThrow();
        return "%-12s  %5s  %-12s  %-14s"
                .formatted(
                        text(aligned.reportedScore()),
                        number(best.alpha()),
                        text(best.reportedScore()),
                        signed(best.reportedDifference()));
    }

    private static String at(Listening.Heard heard, float alpha) {
        Trial greedy = at(heard.greedy(), alpha);
        Trial sampled = at(heard.sampled(), alpha);
        return String.format(
                Locale.ROOT,
                "%5.2f%s / %5.2f%s %7.3f   ",
                mean(greedy),
                greedy.isAllowed() ? " " : "!",
                mean(sampled),
                sampled.isAllowed() ? " " : "!",
                Math.max(0, sampled.evaluation().guards().get("kl"))); // sums of float32 may come out below 0
    }

    /** What the alpha with the highest margin is worth in reward. */
    private static String margin(Listening.Heard heard) {
        Trial best = heard.margin().best().orElseThrow();
        Map<String, Double> guards = best.evaluation().guards();
        Trial there = at(heard.sampled(), best.alpha());
        Trial byReward = heard.sampled().best().orElseThrow();
        return line(
                "%-8s  alpha %s: %.0f %% of the pairs in order (%.0f %% at 0), sampled reward %.2f;"
                        + " the reward itself chooses %s: %.2f",
                heard.pair(),
                number(best.alpha()),
                100 * guards.get("accuracy"),
                100 * at(heard.margin(), 0).evaluation().guards().get("accuracy"),
                mean(there),
                number(byReward.alpha()),
                mean(byReward));
    }

    private static String join(List<GuardBound> bounds) {
        return String.join(", ", bounds.stream().map(GuardBound::toString).toList());
    }

    static Trial at(SearchResult result, float alpha) {
        return result.trials().stream()
                .filter(trial -> trial.alpha() == alpha)
                .findFirst()
                .orElseThrow();
    }

    /** Over all questions, both halves. */
    static double mean(Trial trial) {
        return Estimate.of(trial.evaluation().scores()).mean();
    }

    static String number(float alpha) {
        return alpha == Math.rint(alpha) ? Integer.toString((int) alpha) : Float.toString(alpha);
    }

    static String text(Estimate estimate) {
        return String.format(Locale.ROOT, "%.2f ± %.2f", estimate.mean(), estimate.error());
    }

    static String signed(Estimate estimate) {
        return String.format(Locale.ROOT, "%+.2f ± %.2f", estimate.mean(), estimate.error());
    }

    private static String line(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments).stripTrailing() + System.lineSeparator();
    }
}
