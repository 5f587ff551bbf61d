package io.github.expogguf.search;

import io.github.expogguf.search.SearchResult.End;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Compass search over the slope of a gradient and its alpha: from the best point it looks to both sides, of one
 * parameter after the other, goes to the highest score, and makes its steps smaller where there is none. Alphas of
 * slope 0 were searched before.
 */
final class GradientSearch {

    private static final float FIRST_STEP = 0.5f;
    private static final float LAST_STEP = 0.25f;
    private static final double FIRST_FACTOR = 1.5;

    /** Differences of fewer standard errors are noise. */
    private static final double VISIBLE = 1;

    private final SearchOptions options;
    private final ProfileTrials trials;
    private final Set<Point> looked = new LinkedHashSet<>();

    private record Point(float slope, float alpha) {}

    GradientSearch(SearchOptions options, ProfileTrials trials) {
        this.options = options;
        this.trials = trials;
    }

    /** What was evaluated of slopes other than 0, in its order. */
    List<Trial> looked() {
        return looked.stream().map(this::named).toList();
    }

    /** By its slope, though a profile of another name may be the same. */
    private Trial named(Point point) {
        AlphaProfile gradient = AlphaProfile.gradient(point.slope());
        Trial trial = trials.at(gradient, point.alpha());
        Evaluation of = trial.evaluation();
        return new Trial(
                new Evaluation(of.alpha(), of.scores(), of.guards(), of.answers(), gradient),
                trial.score(),
                trial.difference(),
                trial.reportedScore(),
                trial.reportedDifference(),
                trial.violated());
    }

    /** @param uniform the best of slope 0, but for alpha 0 */
    End run(Trial uniform) throws IOException {
        return options.alphas().isEmpty() ? compass(uniform) : grid();
    }

    private End grid() throws IOException {
        for (float slope : AlphaProfile.SLOPES) {
            for (float alpha : options.alphas()) {
                if (alpha != 0) {
                    look(new Point(slope, alpha));
                }
            }
        }
        return End.GRID_DONE;
    }

    private End compass(Trial uniform) throws IOException {
        Point best = new Point(0, uniform.alpha());
        float step = FIRST_STEP;
        double factor = FIRST_FACTOR;
        while (true) {
            Point before = best;
            boolean isVisible = false;
            for (List<Point> axis : List.of(slopes(best, step), alphas(best, factor))) {
                for (Point next : axis) {
                    if (!trials.knows(AlphaProfile.gradient(next.slope()), next.alpha()) && trials.left() == 0) {
                        return End.EVALUATIONS_USED;
                    }
                    Trial looked = look(next);
                    isVisible |= trials.advantage(trial(before), looked).isAbove(VISIBLE);
                    best = looked.isAllowed()
                                    && looked.score().mean()
                                            > trial(best).score().mean()
                            ? next
                            : best;
                }
                if (!best.equals(before)) {
                    break; // the other parameter from there
                }
            }
            if (best.equals(before)) {
                step /= 2;
                factor = Math.sqrt(factor);
                if (step < LAST_STEP || !isVisible) {
                    return isVisible ? End.NARROW : End.WITHIN_ERROR;
                }
            }
        }
    }

    private static List<Point> slopes(Point from, float step) {
        List<Point> points = new ArrayList<>();
        for (float slope : new float[] {from.slope() + step, from.slope() - step}) {
            if (Math.abs(slope) <= 1 && slope != 0) {
                points.add(new Point(slope, from.alpha()));
            }
        }
        return points;
    }

    private List<Point> alphas(Point from, double factor) {
        List<Point> points = new ArrayList<>();
        for (double scaled : new double[] {from.alpha() * factor, from.alpha() / factor}) {
            float alpha = AlphaScale.twoDigits(scaled);
            if (from.slope() != 0 && Math.abs(alpha) <= options.maxAlpha() && alpha != from.alpha()) {
                points.add(new Point(from.slope(), alpha));
            }
        }
        return points;
    }

    private Trial trial(Point point) {
        return trials.at(AlphaProfile.gradient(point.slope()), point.alpha());
    }

    private Trial look(Point point) throws IOException {
        Trial trial = trials.look(AlphaProfile.gradient(point.slope()), point.alpha());
        looked.add(point);
        return trial;
    }
}
