package io.github.expogguf.cli.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.votes.Verdict;
import io.github.expogguf.search.votes.Vote;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is asked when; every answer waits for the test to give it. */
class ListenSessionTest {

    /** Tells which prompt is being answered, and answers when it is told to. */
    private static final class Puppet implements AnswerSource {

        private final SynchronousQueue<String> begun = new SynchronousQueue<>();
        private final SynchronousQueue<Boolean> released = new SynchronousQueue<>();

        @Override
        public float readyAlpha() {
            return Float.NaN;
        }

        @Override
        public Answer answer(float alpha, Prompt prompt, int seed) throws IOException {
            try {
                begun.put(prompt.text());
                released.take();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return new Answer(prompt, "at " + alpha, 3, false);
        }

        /** The prompt of a pair that is being asked. */
        String begun() throws InterruptedException {
            return String.valueOf(begun.poll(60, TimeUnit.SECONDS));
        }

        /** Gives both answers. */
        void answer() throws InterruptedException {
            released.put(true);
            begun();
            released.put(true);
        }

        String answerNext() throws InterruptedException {
            String prompt = begun();
            answer();
            return prompt;
        }
    }

    private final Puppet puppet = new Puppet();

    private interface Course {
        void take(ListenSession session) throws Exception;
    }

    private void listen(List<Prompt> prompts, List<Vote> known, Course course) throws Exception {
        ListenSession session = new ListenSession(HeardPair.OPTIONS, prompts, 1, known, Optional.empty());
        try (var threads = Executors.newSingleThreadExecutor()) {
            CompletableFuture<Void> preparing = CompletableFuture.runAsync(
                    () -> {
                        try {
                            session.prepare(puppet, new Cancellation(), problem -> {});
                        } catch (IOException _) {
                            // interrupted
                        }
                    },
                    threads);
            try {
                course.take(session);
            } finally {
                session.finish();
                threads.shutdownNow();
            }
            preparing.get(60, TimeUnit.SECONDS);
        }
    }

    private static void vote(ListenSession session) {
        session.vote(session.state().question().number(), Verdict.LEFT);
    }

    private static String shown(ListenSession session) {
        return session.state().question().prompt().text();
    }

    /** A pair that is being answered when it is typed is dropped, as one is that waits. */
    @Test
    void typedPromptComesBeforeWhatIsBeingPrepared() throws Exception {
        listen(List.of(), List.of(), session -> {
            session.type("first");
            assertThat(puppet.answerNext()).isEqualTo("first");
            assertThat(puppet.begun()).isEqualTo("first"); // again, as nothing else is there
            assertThat(shown(session)).isEqualTo("first");

            session.type("second");
            puppet.answer();
            assertThat(puppet.answerNext()).isEqualTo("second");
            vote(session);
            puppet.begun(); // the next pair, so that the one before is there
            assertThat(shown(session)).isEqualTo("second");
        });
    }

    @Test
    void typedPromptsAreAskedInTheirOrder() throws Exception {
        listen(List.of(Prompt.of("given")), List.of(), session -> {
            assertThat(puppet.answerNext()).isEqualTo("given");
            assertThat(puppet.begun()).isEqualTo("given");
            session.type("first");
            puppet.answer();
            assertThat(puppet.answerNext()).isEqualTo("first"); // which waits behind what is shown
            assertThat(shown(session)).isEqualTo("given");

            session.type("second");
            vote(session);
            assertThat(puppet.begun()).isEqualTo("second");
            assertThat(shown(session)).isEqualTo("first");
        });
    }

    @Test
    void promptsThatWereTypedBeforeAreAskedAgain() throws Exception {
        List<Vote> known = List.of(
                Vote.of(0, 2, Verdict.LEFT, "typed", 1),
                Vote.of(0, 2, Verdict.LEFT, "given", 2),
                Vote.of(2, 0, Verdict.LEFT, "typed", 3));
        listen(List.of(Prompt.of("given")), known, session -> {
            List<String> asked = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                asked.add(puppet.answerNext());
                if (i > 0) {
                    vote(session);
                }
            }
            assertThat(asked).containsExactly("typed", "given", "typed", "given");
        });
    }
}
