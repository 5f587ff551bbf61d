package io.github.expogguf.cli.search;

import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.run.Extrapolator;
import io.github.expogguf.run.LiveModel;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.search.Evaluation;
import io.github.expogguf.search.Evaluator;
import io.github.expogguf.search.LiveEvaluator;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.SearchLog;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Evaluates, and keeps what it evaluated in the log. The model is built when the first evaluation is asked for. */
final class SearchRun implements Evaluator, AutoCloseable {

    private final Extrapolator pair;
    private final PlanOptions recipe;
    private final LoadOptions load;
    private final ChatTemplate template;
    private final Measurements measurements;
    private final ComputeOptions how;
    private final Optional<SearchLog> log;
    private final DeltaDistance distance;
    private @Nullable LiveModel live; // null until asked, as its evaluator
    private @Nullable LiveEvaluator evaluator;

    SearchRun(
            Extrapolator pair,
            PlanOptions recipe,
            LoadOptions load,
            ChatTemplate template,
            Measurements measurements,
            ComputeOptions how,
            Optional<SearchLog> log,
            DeltaDistance distance) {
        this.pair = pair;
        this.recipe = recipe;
        this.load = load;
        this.template = template;
        this.measurements = measurements;
        this.how = how;
        this.log = log;
        this.distance = distance;
    }

    /** What the log had. */
    List<Evaluation> known() {
        return log.map(SearchLog::evaluations).orElse(List.of());
    }

    @Override
    public Evaluation evaluate(float alpha) throws IOException {
        if (evaluator == null) {
            evaluator = open();
        }
        Evaluation evaluation = evaluator.evaluate(alpha);
        if (log.isPresent()) {
            log.get().append(evaluation);
        }
        return evaluation;
    }

    @Override
    public boolean isUnjudged() {
        return measurements.isUnjudged();
    }

    private LiveEvaluator open() throws IOException {
        WorkOptions building = WorkOptions.builder()
                .threads(how.threads())
                .listener(how.listener())
                .cancellation(how.cancellation())
                .build();
        live = LiveModel.open(pair, recipe, building, load);
        live.model().setChatTemplate(template);
        LiveEvaluator opened = new LiveEvaluator(live, measurements, how, distance);
        opened.continueFrom(known());
        return opened;
    }

    @Override
    public void close() {
        if (evaluator != null) {
            evaluator.close();
        }
        if (live != null) {
            live.close();
        }
    }
}
