package io.github.expogguf.cli.listen;

import io.github.expogguf.infer.ExtrapolatedModel;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Answers;
import io.github.expogguf.score.ComputeOptions;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.work.WorkOptions;
import java.io.IOException;
import java.util.List;

/** Answers of a pair that is extrapolated in memory. The model stays the caller's. */
final class LiveAnswers implements AnswerSource {

    private final ExtrapolatedModel live;
    private final GenerationOptions generation;
    private final ComputeOptions how;
    private final WorkOptions rewriting;

    LiveAnswers(ExtrapolatedModel live, GenerationOptions generation, ComputeOptions how) {
        this.live = live;
        this.generation = generation;
        this.how = how;
        this.rewriting = WorkOptions.builder()
                .threads(how.threads())
                .cancellation(how.cancellation())
                .build();
    }

    @Override
    public float readyAlpha() {
        return live.isComplete() ? live.alpha() : Float.NaN;
    }

    @Override
    public Answer answer(float alpha, Prompt prompt, int seed) throws IOException {
        if (readyAlpha() != alpha) {
            live.setAlpha(alpha, rewriting);
        }
        GenerationOptions seeded = generation.withSampling(generation.sampling().withSeed(seed));
        return Answers.generate(live.model(), List.of(prompt), seeded, how).getFirst();
    }
}
