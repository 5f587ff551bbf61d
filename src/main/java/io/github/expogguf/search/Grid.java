package io.github.expogguf.search;

import java.util.List;
import java.util.stream.Stream;

/** The aligned model, then the alphas that were asked for, in their order. */
record Grid(List<Float> alphas, boolean isUnjudged) implements Strategy {

    Grid {
        alphas = Stream.concat(Stream.of(0f), alphas.stream().map(alpha -> alpha + 0f)) // -0 and 0 are one alpha
                .distinct()
                .toList();
    }

    @Override
    public int mostEvaluations() {
        return alphas.size();
    }

    @Override
    public Step next(Trials soFar) {
        return alphas.stream()
                .filter(alpha -> soFar.at(alpha).isEmpty())
                .findFirst()
                .<Step>map(Step.Evaluate::new)
                .orElseGet(() -> new Step.Stop(SearchResult.End.GRID_DONE));
    }
}
