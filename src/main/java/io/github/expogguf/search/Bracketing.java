package io.github.expogguf.search;

import io.github.expogguf.search.SearchResult.End;
import io.github.expogguf.search.Strategy.Step.Evaluate;
import io.github.expogguf.search.Strategy.Step.Stop;
import java.util.List;
import java.util.Optional;

/**
 * From coarse to fine. First a walk from 0 in growing steps, until a score falls clearly below the best before it or a
 * bound is broken; so a second hump behind a clear dip stays unseen, which a grid would show. Then the interval beside
 * the best in which the peak should lie is halved, again and again, until it is narrow or the best differs from both
 * neighbours by less than the error: such differences are not followed. With a place to
 * start at, the walk begins there, and goes back from it in steps of a quarter if that is too far.
 */
final class Bracketing implements Strategy {

    /** A walk ends at a fall of this many standard errors: rare by chance, even below the best of many. */
    private static final double CLEAR_FALL = 4;

    /** Differences of fewer standard errors are noise to the refinement. */
    private static final double VISIBLE = 1;

    /** Narrower intervals of the scale are not halved: at alpha 1 or more a fifth of alpha. */
    private static final double NARROW = 0.3;

    /** Wider ones are steps of a walk that did not begin at 0; the peak may lie inside. */
    private static final double WIDE = 1;

    private static final float SFT_MODEL = -1;

    private final int maxEvaluations;
    private final List<Float> up;
    private final List<Float> back;
    private final List<Float> down;

    Bracketing(SearchOptions options) {
        this.maxEvaluations = options.maxEvaluations();
        this.up = options.start()
                .map(start -> AlphaScale.doublingTo(options.maxAlpha(), start))
                .orElseGet(() -> AlphaScale.stepsTo(options.maxAlpha()));
        this.back = options.start().map(AlphaScale::backFrom).orElseGet(List::of);
        this.down = options.negative()
                ? AlphaScale.stepsTo(-SFT_MODEL).stream().map(alpha -> -alpha).toList()
                : List.of();
    }

    @Override
    public boolean isUnjudged() {
        return false;
    }

    @Override
    public int mostEvaluations() {
        return maxEvaluations;
    }

    @Override
    public Step next(Trials soFar) {
        Step step = nextOf(soFar);
        return step instanceof Evaluate && soFar.size() >= maxEvaluations ? new Stop(End.EVALUATIONS_USED) : step;
    }

    private Step nextOf(Trials soFar) {
        Optional<Trial> aligned = soFar.at(0);
        if (aligned.isEmpty()) {
            return new Evaluate(0);
        }
        return walk(soFar, aligned.get(), up)
                .or(() -> walkBack(soFar, aligned.get()))
                .or(() -> walk(soFar, aligned.get(), down))
                .<Step>map(Evaluate::new)
                .orElseGet(() -> soFar.maximum()
                        .map(best -> refine(soFar, best))
                        .orElseGet(() -> new Stop(End.NOTHING_ALLOWED)));
    }

    /** The next step away from 0; empty when the walk has ended. */
    private static Optional<Float> walk(Trials soFar, Trial aligned, List<Float> steps) {
        Trial best = aligned;
        for (float alpha : steps) {
            Optional<Trial> trial = soFar.at(alpha);
            if (trial.isEmpty()) {
                return Optional.of(alpha);
            }
            if (leavesBounds(best, trial.get())
                    || soFar.advantage(best, trial.get()).isAbove(CLEAR_FALL)) {
                return Optional.empty();
            }
            best = isBetter(trial.get(), best) ? trial.get() : best;
        }
        return Optional.empty();
    }

    /** The next step back towards 0, where the first was too far already; empty as soon as one is not. */
    private Optional<Float> walkBack(Trials soFar, Trial aligned) {
        Optional<Trial> first = soFar.at(up.getFirst());
        for (float alpha : back) {
            if (first.isEmpty() || !isTooFar(soFar, aligned, first.get())) {
                return Optional.empty();
            }
            Optional<Trial> next = soFar.at(alpha);
            if (next.isEmpty()) {
                return Optional.of(alpha);
            }
            first = next;
        }
        return Optional.empty();
    }

    private static boolean isTooFar(Trials soFar, Trial aligned, Trial trial) {
        return leavesBounds(aligned, trial) || soFar.advantage(aligned, trial).isAbove(VISIBLE);
    }

    private static boolean leavesBounds(Trial best, Trial next) {
        return best.isAllowed() && !next.isAllowed();
    }

    private static boolean isBetter(Trial trial, Trial best) {
        return trial.isAllowed() == best.isAllowed()
                ? trial.score().mean() > best.score().mean()
                : trial.isAllowed();
    }

    private static Step refine(Trials soFar, Trial best) {
        Optional<Trial> below = soFar.below(best);
        Optional<Trial> above = soFar.above(best);
        if (below.isEmpty() || above.isEmpty()) {
            return atTheEnd(best, below.or(() -> above));
        }
        boolean rises = isLower(soFar, below.get(), best);
        boolean falls = isLower(soFar, above.get(), best);
        if (!rises && !falls) {
            return new Stop(End.WITHIN_ERROR);
        }
        boolean upwards = isPeakAbove(below.get(), best, above.get());
        return halve(best, upwards ? above.get() : below.get())
                .<Step>map(Evaluate::new)
                .orElseGet(() -> new Stop(End.NARROW));
    }

    /** The best has one neighbour only. The first step of a walk may have gone beyond the peak. */
    private static Step atTheEnd(Trial best, Optional<Trial> neighbour) {
        return neighbour
                .filter(next -> (best.alpha() == 0 && !next.isAllowed()) || width(best, next) > WIDE)
                .flatMap(next -> halve(best, next))
                .<Step>map(Evaluate::new)
                .orElseGet(() -> new Stop(best.alpha() == 0 ? End.NO_RISE : End.RANGE_ENDS));
    }

    private static boolean isLower(Trials soFar, Trial neighbour, Trial best) {
        return neighbour.isAllowed() && soFar.advantage(best, neighbour).isAbove(VISIBLE);
    }

    /** Where to look first: the side of the vertex of the parabola through three points, or that of the bound. */
    private static boolean isPeakAbove(Trial below, Trial best, Trial above) {
        if (!above.isAllowed() || !below.isAllowed()) {
            return !above.isAllowed();
        }
        double leftWidth = AlphaScale.position(best.alpha()) - AlphaScale.position(below.alpha());
        double rightWidth = AlphaScale.position(above.alpha()) - AlphaScale.position(best.alpha());
        double rise = (best.score().mean() - below.score().mean()) / leftWidth;
        double fall = (best.score().mean() - above.score().mean()) / rightWidth;
        return rise * rightWidth > fall * leftWidth; // the parabola's slope at the best
    }

    /** The alpha in the middle; empty if there is no room. */
    private static Optional<Float> halve(Trial best, Trial neighbour) {
        float low = Math.min(best.alpha(), neighbour.alpha());
        float high = Math.max(best.alpha(), neighbour.alpha());
        float middle = AlphaScale.between(low, high);
        return width(best, neighbour) < NARROW || middle <= low || middle >= high
                ? Optional.empty()
                : Optional.of(middle);
    }

    private static double width(Trial one, Trial other) {
        return Math.abs(AlphaScale.position(one.alpha()) - AlphaScale.position(other.alpha()));
    }
}
