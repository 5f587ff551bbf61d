package replicate;

import static java.util.function.Predicate.not;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.SearchResult;
import io.github.expogguf.search.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What the experiment should show; each may turn out false. */
final class Claims {

    /** A difference counts from two standard errors on. */
    private static final double ERRORS = 2;

    private Claims() {}

    /** A sentence and whether it is so. */
    record Claim(boolean holds, String text) {
        @Override
        public String toString() {
            return (holds ? "holds  " : "FAILS  ") + text;
        }
    }

    static List<Claim> of(Family family, List<Listening.Heard> heard) {
        List<Claim> claims = new ArrayList<>();
        for (FileType type :
                heard.stream().map(Listening.Heard::type).distinct().toList()) {
            List<Listening.Heard> ofType =
                    heard.stream().filter(one -> one.type() == type).toList();
            Listening.Heard dpo20 = pair(ofType, "dpo-20");
            Listening.Heard dpo100 = pair(ofType, "dpo-100");
            claims.add(reaches(type + ", greedy", dpo20.greedy(), dpo100.greedy()));
            claims.add(reaches(type + ", sampled", dpo20.sampled(), dpo100.sampled()));
            claims.add(improves(type + ", sampled", dpo100.sampled()));
            claims.add(collapses(type + ", greedy", dpo100.greedy()));
        }
        List<Listening.Heard> f16 =
                heard.stream().filter(one -> one.type() == FileType.F16).toList();
        claims.add(agrees(family, f16, "greedy", Listening.Heard::greedy, Family.Rewards::greedy));
        claims.add(agrees(family, f16, "sampled", Listening.Heard::sampled, Family.Rewards::sampled));
        return claims;
    }

    private static Listening.Heard pair(List<Listening.Heard> heard, String name) {
        return heard.stream().filter(one -> one.pair().equals(name)).findFirst().orElseThrow();
    }

    /** On the questions that did not choose alpha. */
    private static Claim reaches(String where, SearchResult dpo20, SearchResult dpo100) {
        Trial best = dpo20.best().orElseThrow();
        Estimate beyond = Estimate.ofDifferences(reported(best), reported(Tables.at(dpo100, 0)));
        boolean passes = beyond.isAbove(ERRORS);
        return new Claim(
                passes || beyond.mean() > -ERRORS * beyond.error(),
                "%s: dpo-20 with ExPO, alpha %s, %s dpo-100: %s"
                        .formatted(
                                where,
                                Tables.number(best.alpha()),
                                passes ? "passes" : "reaches",
                                Tables.signed(beyond)));
    }

    private static List<Double> reported(Trial trial) {
        List<Double> scores = trial.evaluation().scores();
        List<Double> odd = new ArrayList<>();
        for (int i = 1; i < scores.size(); i += 2) {
            odd.add(scores.get(i));
        }
        return odd;
    }

    private static Claim improves(String where, SearchResult dpo100) {
        Trial best = dpo100.trials().stream()
                .filter(trial -> trial.alpha() >= 1 && trial.alpha() <= 2)
                .reduce((a, b) -> Tables.mean(b) > Tables.mean(a) ? b : a)
                .orElseThrow();
        Estimate gain = gain(dpo100, best);
        return new Claim(
                gain.isAbove(ERRORS),
                "%s: dpo-100 improves at alpha %s: %s"
                        .formatted(where, Tables.number(best.alpha()), Tables.signed(gain)));
    }

    /** The largest alpha does harm, and the bounds tell without knowing the reward. */
    private static Claim collapses(String where, SearchResult result) {
        Trial last = result.trials().getLast();
        Estimate gain = gain(result, last);
        boolean isWorse = new Estimate(-gain.mean(), gain.error()).isAbove(ERRORS);
        boolean areGoodOnesAllowed = result.trials().stream()
                .filter(trial -> gain(result, trial).isAbove(ERRORS))
                .noneMatch(not(Trial::isAllowed));
        return new Claim(
                isWorse && !last.isAllowed() && areGoodOnesAllowed,
                "%s: dpo-100 collapses at alpha %s: %s; the guards refuse it (%s) and no alpha that is better than 0"
                        .formatted(where, Tables.number(last.alpha()), Tables.signed(gain), last.violated()));
    }

    private static Estimate gain(SearchResult result, Trial trial) {
        return Estimate.ofDifferences(
                trial.evaluation().scores(), Tables.at(result, 0).evaluation().scores());
    }

    /** Every mean within two of its standard errors. */
    private static Claim agrees(
            Family family,
            List<Listening.Heard> heard,
            String how,
            Function<Listening.Heard, SearchResult> result,
            Function<Family.Rewards, Double> reward) {
        double most = 0;
        int means = 0;
        for (Listening.Heard one : heard) {
            for (Trial trial : result.apply(one).trials()) {
                Estimate ours = Estimate.of(trial.evaluation().scores());
                double pytorch = reward.apply(family.curves().get(one.pair()).get(trial.alpha()));
                most = Math.max(most, Math.abs(ours.mean() - pytorch) / ours.error());
                means++;
            }
        }
        return new Claim(
                most <= ERRORS,
                String.format(
                        Locale.ROOT,
                        "F16, %s: the curves agree with PyTorch's; the farthest of %d means is %.2f standard errors off",
                        how,
                        means,
                        most));
    }
}
