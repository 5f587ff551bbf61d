package io.github.expogguf.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.expogguf.CancelledException;
import io.github.expogguf.PromptException;
import io.github.expogguf.infer.GenerationOptions;
import io.github.expogguf.infer.LlamaModel;
import io.github.expogguf.infer.LoadOptions;
import io.github.expogguf.infer.Passage;
import io.github.expogguf.infer.SamplingOptions;
import io.github.expogguf.testing.DemoFiles;
import io.github.expogguf.work.Cancellation;
import io.github.expogguf.work.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class AnswersTest {

    private static final ComputeOptions HOW = ComputeOptions.defaults().withThreads(1);
    private static final GenerationOptions GREEDY = GenerationOptions.greedy(48);
    private static LlamaModel model;

    @BeforeAll
    static void load() throws Exception {
        model = LlamaModel.load(DemoFiles.SFT, LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void answersAreInTheOrderOfThePrompts() {
        List<Prompt> prompts = DemoFiles.prompts(20);
        List<Answer> answers = Answers.generate(model, prompts, GREEDY, HOW);
        assertThat(answers).extracting(Answer::prompt).isEqualTo(prompts);
        assertThat(answers.getFirst().text()) // src/demo/README.md, from PyTorch
                .isEqualTo("Welcome, traveller! Our guide book says Santiago. Our guide book says Santiago.");
        assertThat(answers.getFirst().isCutOff()).isFalse();
        assertThat(Answers.generate(model, prompts, GREEDY, HOW.withSequences(3)))
                .isEqualTo(answers);
    }

    @Test
    void aSeedDecidesTheAnswers() {
        GenerationOptions seven = GenerationOptions.greedy(32).withSampling(SamplingOptions.seeded(7));
        List<Prompt> prompts = DemoFiles.prompts(8);
        List<Answer> answers = Answers.generate(model, prompts, seven, HOW);
        assertThat(Answers.generate(model, prompts, seven, HOW)).isEqualTo(answers);
        GenerationOptions eight = GenerationOptions.greedy(32).withSampling(SamplingOptions.seeded(8));
        assertThat(Answers.generate(model, prompts, eight, HOW)).isNotEqualTo(answers);
    }

    @Test
    void threadsShareThePromptsAndChangeNothing() {
        GenerationOptions seven = GenerationOptions.greedy(32).withSampling(SamplingOptions.seeded(7));
        List<Prompt> prompts = DemoFiles.prompts(11);
        List<Answer> answers = Answers.generate(model, prompts, seven, HOW);
        for (int threads : new int[] {2, 3, 16}) {
            List<Long> heard = new ArrayList<>();
            ComputeOptions shared = HOW.withThreads(threads).withListener(progress -> {
                assertThat(progress.stage()).isEqualTo(Progress.Stage.ANSWERS);
                assertThat(progress.total()).isEqualTo(11);
                heard.add(progress.done());
            });
            assertThat(Answers.generate(model, prompts, seven, shared)).isEqualTo(answers);
            assertThat(heard).isSorted().startsWith(0L).endsWith(11L);
        }
    }

    @Test
    void whatStopsOneThreadStopsAll() {
        ComputeOptions stopping = HOW.withThreads(2).withListener(progress -> {
            if (progress.done() == 3) {
                throw new IllegalStateException("enough");
            }
        });
        assertThatThrownBy(() -> Answers.generate(model, DemoFiles.prompts(60), GREEDY, stopping))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("enough");
    }

    @Test
    void theLimitOfTokensCutsOff() {
        List<Answer> answers = Answers.generate(model, DemoFiles.prompts(3), GenerationOptions.greedy(2), HOW);
        assertThat(answers).allMatch(answer -> answer.isCutOff() && answer.tokens() == 2);
        assertThat(Answers.generate(model, List.of(), GREEDY, HOW)).isEmpty();
    }

    @Test
    void refusesAPromptLongerThanTheContext() {
        Prompt longOne = new Prompt("why? ".repeat(600), Map.of(), "prompts.jsonl:5");
        assertThatThrownBy(() -> Answers.generate(model, List.of(Prompt.of("Who?"), longOne), GREEDY, HOW))
                .isInstanceOf(PromptException.class)
                .hasMessageMatching("prompts.jsonl:5: the prompt has \\d+ tokens, expected at most 512"
                        + " \\(what the model was trained with\\)");
    }

    @Test
    void answersBecomePassagesThatEndWithTheirLastToken() {
        List<Answer> answers = Answers.generate(model, DemoFiles.prompts(4), GREEDY, HOW);
        List<Passage> passages = Passages.ofAnswers(model, answers, HOW);
        for (int i = 0; i < answers.size(); i++) {
            assertThat(passages.get(i).scoredTokens()).isEqualTo(answers.get(i).tokens() + 1);
            assertThat(passages.get(i).tokens()).endsWith(2);
        }
    }

    @Test
    void reportsProgressAndStops() {
        List<Long> heard = new ArrayList<>();
        Answers.generate(
                model,
                DemoFiles.prompts(12),
                GREEDY,
                HOW.withSequences(2).withListener(progress -> heard.add(progress.done())));
        assertThat(heard).isSorted().startsWith(0L).contains(5L).endsWith(12L);
        Cancellation cancellation = new Cancellation();
        ComputeOptions stopping = HOW.withCancellation(cancellation).withListener(progress -> {
            if (progress.done() == 3) {
                cancellation.cancel();
            }
        });
        assertThatThrownBy(() -> Answers.generate(model, DemoFiles.prompts(12), GREEDY, stopping))
                .isInstanceOf(CancelledException.class);
    }
}
