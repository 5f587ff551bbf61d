package io.github.expogguf.cli.search;

import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.search.AlphaProfile;
import io.github.expogguf.search.Evaluation;
import io.github.expogguf.search.Evaluator;
import io.github.expogguf.search.Measurements;
import io.github.expogguf.search.ProfileEvaluator;
import io.github.expogguf.search.SearchLog;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Evaluates, and keeps what it evaluated in the log. The model is built when the first evaluation is asked for. */
final class SearchRun implements Evaluator, ProfileEvaluator, AutoCloseable {

    private final Searched searched;
    private final ChatTemplate template;
    private final Measurements measurements;
    private final ComputeOptions how;
    private final Optional<SearchLog> log;
    private Searched.@Nullable Opened opened; // null until asked

    SearchRun(
            Searched searched,
            ChatTemplate template,
            Measurements measurements,
            ComputeOptions how,
            Optional<SearchLog> log) {
        this.searched = searched;
        this.template = template;
        this.measurements = measurements;
        this.how = how;
        this.log = log;
    }

    /** What the log had. */
    List<Evaluation> known() {
        return log.map(SearchLog::evaluations).orElse(List.of());
    }

    @Override
    public Evaluation evaluate(float alpha) throws IOException {
        return evaluate(AlphaProfile.UNIFORM, alpha);
    }

    @Override
    public Evaluation evaluate(AlphaProfile profile, float alpha) throws IOException {
        if (opened == null) {
            opened = open();
        }
        Evaluation evaluation = opened.evaluator().evaluate(profile, alpha);
        if (log.isPresent()) {
            log.get().append(evaluation);
        }
        return evaluation;
    }

    @Override
    public boolean isUnjudged() {
        return measurements.isUnjudged();
    }

    private Searched.Opened open() throws IOException {
        Searched.Opened asked = searched.open(measurements, how);
        asked.model().model().setChatTemplate(template);
        asked.evaluator().continueFrom(known());
        return asked;
    }

    @Override
    public void close() {
        if (opened != null) {
            opened.close();
        }
    }
}
