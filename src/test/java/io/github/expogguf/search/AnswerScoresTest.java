package io.github.expogguf.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerScoresTest {

    @Test
    void answersToAPromptCountOnce() {
        AnswerScores scores = new AnswerScores(List.of(1d, 3d, 5d, 9d, 3d, 0d), 2);
        assertThat(scores.byPrompt()).containsExactly(2d, 7d, 1.5);
        assertThat(scores.bySeed()).containsExactly(3d, 4d);
        assertThat(scores.estimate()).isEqualTo(Estimate.of(List.of(2d, 7d, 1.5)));
        assertThat(scores.betweenSeeds().orElseThrow()).isEqualTo(Math.sqrt(0.5), within(1e-12));
    }

    @Test
    void oneAnswerHasNoSpreadBetweenSeeds() {
        assertThat(new AnswerScores(List.of(1d, 2d), 1).betweenSeeds()).isEmpty();
    }

    @Test
    void scoresOfAnswersThatAreMissingAreRefused() {
        assertThatThrownBy(() -> new AnswerScores(List.of(1d, 2d, 3d), 2))
                .hasMessage("3 scores, expected 2 per prompt");
        assertThatThrownBy(() -> new AnswerScores(List.of(1d), 0))
                .hasMessage("answersPerPrompt is 0, expected at least 1");
    }
}
