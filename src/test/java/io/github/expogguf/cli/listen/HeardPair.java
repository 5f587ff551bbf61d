package io.github.expogguf.cli.listen;

import io.github.expogguf.CancelledException;
import io.github.expogguf.ChatTemplateException;
import io.github.expogguf.ChatTemplateException.Reason;
import io.github.expogguf.PromptException;
import io.github.expogguf.score.Answer;
import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.votes.Candidates;
import io.github.expogguf.search.votes.ListeningOptions;
import io.github.expogguf.search.votes.Vote;
import io.github.expogguf.work.Cancellation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

/** A test with answers that say their alpha, on a server of its own. */
final class HeardPair implements AnswerSource, AutoCloseable {

    static final ListeningOptions OPTIONS = ListeningOptions.builder()
            .candidates(Candidates.upTo(8, 8))
            .start(2)
            .build();

    volatile String outcome = "Written to OUT.gguf.";
    final ListenSession session;
    final ListenServer server;
    final List<String> problems = new CopyOnWriteArrayList<>();
    private final Cancellation cancellation = new Cancellation();
    private final Thread preparing;

    HeardPair(List<Prompt> prompts, List<Vote> known) throws IOException {
        session = new ListenSession(OPTIONS, prompts, 1, known, Optional.empty());
        server = ListenServer.open(
                0, session, () -> ListenJson.state(session.state(), OPTIONS, "SFT.gguf \u2192 DPO.gguf", "OUT.gguf"));
        server.start();
        preparing = Thread.ofPlatform().start(() -> {
            try {
                session.prepare(this, cancellation, problems::add);
                session.end(outcome);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (CancelledException _) {
                // the end of a test
            }
        });
    }

    static List<Prompt> prompts(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Prompt.of("Question " + i + ": why is the sky blue?"))
                .toList();
    }

    @Override
    public float readyAlpha() {
        return Float.NaN;
    }

    @Override
    public Answer answer(float alpha, Prompt prompt, int seed) {
        if (prompt.text().startsWith("Too long")) {
            throw new PromptException(prompt.origin() + ": the prompt has 900 tokens, expected at most 64");
        }
        if (prompt.text().startsWith("Refused")) {
            throw new ChatTemplateException(Reason.REFUSES, "the chat template says: not this");
        }
        if (prompt.text().startsWith("Alike")) {
            return new Answer(prompt, "The same.", 3, false);
        }
        String text = "alpha=" + alpha + " <script>document.title = 'owned'</script> <b>bold</b>\n\n"
                + "Because blue light is scattered more than red light. ".repeat(4);
        return new Answer(prompt, text, 40, alpha > 4);
    }

    @Override
    public void close() {
        cancellation.cancel();
        try {
            preparing.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        server.close();
    }
}
