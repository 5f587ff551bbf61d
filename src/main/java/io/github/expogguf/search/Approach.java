package io.github.expogguf.search;

import io.github.expogguf.score.Answer;
import io.github.expogguf.score.AnswerLikeness;
import io.github.expogguf.search.SearchResult.End;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Without anything that says better or worse: towards the alpha at which the model diverges from the aligned one by as
 * much as models did that judges found best. Walks up from the start in doubling steps, or down in quarters, until that
 * divergence lies between two alphas, then interpolates; at last looks at both neighbours of what it found, whose
 * answers must be like its own. That is what AdaMMS (arXiv 2503.23733) chooses weights by without labels; where answers
 * change from alpha to alpha, the model is changing its nature.
 */
final class Approach implements Strategy {

    /**
     * Nats per token: the geometric middle of {@link #LOWEST} and {@link #HIGHEST}, and a little less.
     */
    static final double GOAL = 0.07;

    /** Divergences between which the best of the six pairs lie. */
    static final double LOWEST = 0.03;

    static final double HIGHEST = GuardBound.DIVERGENCE;

    /** Less than this is what rounding makes of models that are the same. */
    static final double MEASURABLE = 1e-6;

    /** Where answers had less than this in common with those of both neighbours, the reward had fallen. */
    static final double ALIKE = 0.85;

    private static final double CLOSE = Math.log(1.25);
    private static final double NARROW = 0.3;

    /** Neighbours are alphas apart by this factor, or closer. */
    private static final double NEIGHBOUR = 1.4;

    private final int maxEvaluations;
    private final float maxAlpha;
    private final float start;

    Approach(SearchOptions options) {
        this.maxEvaluations = options.maxEvaluations();
        this.maxAlpha = options.maxAlpha();
        this.start = options.start().orElse(AlphaScale.stepsTo(maxAlpha).getFirst());
    }

    @Override
    public boolean isUnjudged() {
        return true;
    }

    @Override
    public int mostEvaluations() {
        return maxEvaluations;
    }

    @Override
    public Step next(Trials soFar) {
        Step step = nextOf(soFar);
        return step instanceof Step.Evaluate && soFar.size() >= maxEvaluations
                ? new Step.Stop(End.EVALUATIONS_USED)
                : step;
    }

    private Step nextOf(Trials soFar) {
        Optional<Trial> aligned = soFar.at(0);
        if (aligned.isEmpty()) {
            return new Step.Evaluate(0);
        }
        if (soFar.size() == 1) {
            return new Step.Evaluate(start);
        }
        Trial low = lastBelowTheGoal(soFar);
        Optional<Trial> above = soFar.above(low);
        if (above.isEmpty()) {
            return low.alpha() < maxAlpha
                    ? new Step.Evaluate(Math.min(2 * low.alpha(), maxAlpha))
                    : new Step.Stop(End.RANGE_ENDS);
        }
        Trial high = above.get();
        Trial found = choose(soFar);
        boolean isFound = found.alpha() != 0 && distanceToGoal(found) <= CLOSE;
        if (!isFound && width(low, high) >= NARROW) {
            return new Step.Evaluate(between(low, high));
        }
        return found.alpha() == 0 ? new Step.Stop(End.NOTHING_ALLOWED) : neighbours(soFar, found);
    }

    private Step neighbours(Trials soFar, Trial found) {
        if (ratio(soFar.below(found), found) > NEIGHBOUR * NEIGHBOUR) {
            return new Step.Evaluate(AlphaScale.twoDigits(found.alpha() / NEIGHBOUR));
        }
        if (soFar.above(found).isEmpty() || soFar.above(found).get().alpha() / found.alpha() > NEIGHBOUR * NEIGHBOUR) {
            return new Step.Evaluate(AlphaScale.twoDigits(found.alpha() * NEIGHBOUR));
        }
        return new Step.Stop(End.GOAL);
    }

    private static double ratio(Optional<Trial> below, Trial found) {
        return below.filter(trial -> trial.alpha() > 0)
                .map(trial -> (double) found.alpha() / trial.alpha())
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** The last alpha of those from 0 on that are within the bounds and below the goal. */
    private static Trial lastBelowTheGoal(Trials soFar) {
        Trial last = soFar.at(0).orElseThrow();
        for (Trial trial : soFar.all()) {
            if (trial.alpha() > 0) {
                if (!isGood(soFar, trial) || divergence(trial) >= GOAL) {
                    break;
                }
                last = trial;
            }
        }
        return last;
    }

    /** Of the alphas from 0 on that are within the bounds, the one closest to the goal; 0 if none diverges. */
    static Trial choose(Trials soFar) {
        Trial best = soFar.at(0).orElseThrow();
        for (Trial trial : soFar.all()) {
            if (trial.alpha() > 0) {
                if (!isGood(soFar, trial)) {
                    break;
                }
                best = distanceToGoal(trial) < distanceToGoal(best) ? trial : best;
            }
        }
        return best;
    }

    /** Within the bounds, and not known to be unlike its neighbours. */
    private static boolean isGood(Trials soFar, Trial trial) {
        boolean isUnlike = ratio(soFar.below(trial), trial) <= NEIGHBOUR * NEIGHBOUR
                && likeness(soFar, trial)
                        .filter(likeness -> likeness.mean() < ALIKE)
                        .isPresent();
        return trial.isAllowed() && !isUnlike;
    }

    /** Mean likeness of the answers to those of both neighbours; empty without two neighbours. */
    static Optional<Estimate> likeness(Trials soFar, Trial trial) {
        List<Answer> answers = trial.evaluation().answers();
        Optional<double[]> below = soFar.below(trial)
                .map(other -> AnswerLikeness.of(answers, other.evaluation().answers()));
        Optional<double[]> above = soFar.above(trial)
                .map(other -> AnswerLikeness.of(answers, other.evaluation().answers()));
        if (below.isEmpty() || above.isEmpty() || answers.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Estimate.of(IntStream.range(0, answers.size())
                .mapToObj(i -> (below.get()[i] + above.get()[i]) / 2)
                .toList()));
    }

    /** What speaks for the choice; empty where it is the aligned model. */
    static Optional<SearchResult.Hunch> hunch(Trials soFar) {
        Trial chosen = choose(soFar);
        if (chosen.alpha() == 0) {
            return Optional.empty();
        }
        DoubleStream excluded = soFar.all().stream()
                .filter(trial -> trial.alpha() > chosen.alpha() && !trial.isAllowed())
                .mapToDouble(Trial::alpha);
        return Optional.of(new SearchResult.Hunch(
                alphaAt(soFar, LOWEST)
                        .map(alpha -> Math.min(alpha, chosen.alpha()))
                        .min(),
                DoubleStream.concat(alphaAt(soFar, HIGHEST).map(alpha -> Math.max(alpha, chosen.alpha())), excluded)
                        .min(),
                likeness(soFar, chosen)));
    }

    /**
     * Where this divergence is first reached, interpolated between logarithms, as the divergence is about a power of
     * alpha; empty where it is not reached between two alphas that were looked at.
     */
    private static DoubleStream alphaAt(Trials soFar, double divergence) {
        List<Trial> measurable = soFar.all().stream()
                .filter(trial -> trial.alpha() > 0 && divergence(trial) >= MEASURABLE)
                .toList();
        return IntStream.range(1, measurable.size())
                .filter(i ->
                        divergence(measurable.get(i - 1)) < divergence && divergence(measurable.get(i)) >= divergence)
                .mapToDouble(i -> power(measurable.get(i - 1), measurable.get(i), divergence))
                .limit(1);
    }

    private static double power(Trial low, Trial high, double divergence) {
        double share = Math.log(divergence / divergence(low)) / Math.log(divergence(high) / divergence(low));
        return low.alpha() * Math.pow((double) high.alpha() / low.alpha(), share);
    }

    private static float between(Trial low, Trial high) {
        boolean isBracketed = low.alpha() > 0 && divergence(low) >= MEASURABLE && divergence(high) > GOAL;
        if (!isBracketed) {
            return low.alpha() == 0 && high.alpha() > 1
                    ? AlphaScale.twoDigits(high.alpha() / 4)
                    : AlphaScale.between(low.alpha(), high.alpha());
        }
        double ratio = (double) high.alpha() / low.alpha();
        double alpha = Math.clamp(
                power(low, high, GOAL), low.alpha() * Math.pow(ratio, 0.1), low.alpha() * Math.pow(ratio, 0.9));
        float rounded = AlphaScale.twoDigits(alpha);
        return rounded > low.alpha() && rounded < high.alpha() ? rounded : (float) alpha;
    }

    private static double width(Trial low, Trial high) {
        return AlphaScale.position(high.alpha()) - AlphaScale.position(low.alpha());
    }

    private static double distanceToGoal(Trial trial) {
        double divergence = divergence(trial);
        return divergence >= MEASURABLE ? Math.abs(Math.log(divergence / GOAL)) : Double.POSITIVE_INFINITY;
    }

    private static double divergence(Trial trial) {
        Double divergence = trial.evaluation().guards().get("kl");
        if (divergence == null) {
            throw new IllegalArgumentException("kl was not measured at alpha " + trial.alpha());
        }
        return divergence;
    }
}
