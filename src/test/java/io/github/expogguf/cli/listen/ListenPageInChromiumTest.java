package io.github.expogguf.cli.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.score.Prompt;
import io.github.expogguf.search.votes.Verdict;
import io.github.expogguf.search.votes.Vote;
import io.github.expogguf.testing.InChromium;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page as a browser shows it, with real clicks and keys. */
class ListenPageInChromiumTest extends InChromium {

    private static final String ASKED = "!document.getElementById('question').hidden";

    private void visit(HeardPair pair) throws Exception {
        visit(pair.server.address(), ASKED);
    }

    private String leftAlpha() throws Exception {
        return page.value("document.getElementById('left').textContent.match(/alpha=([0-9.]+)/)[1]");
    }

    private String rightAlpha() throws Exception {
        return page.value("document.getElementById('right').textContent.match(/alpha=([0-9.]+)/)[1]");
    }

    private Vote voteAfter(HeardPair pair, int votes, Act act) throws Exception {
        act.run();
        page.await("/(^|[^0-9])" + votes + " vote/.test(document.getElementById('known').textContent) && " + ASKED);
        return pair.session.listening().votes().getLast();
    }

    private interface Act {
        void run() throws Exception;
    }

    @Test
    void clicksAndKeysAreVotes() throws Exception {
        try (HeardPair pair = new HeardPair(HeardPair.prompts(5), List.of())) {
            visit(pair);
            float left = Float.parseFloat(leftAlpha());
            float right = Float.parseFloat(rightAlpha());

            Vote first = voteAfter(pair, 1, () -> page.click("#vote-left"));
            assertThat(first.left()).isEqualTo(left);
            assertThat(first.right()).isEqualTo(right);
            assertThat(first.verdict()).isEqualTo(Verdict.LEFT);
            assertThat(List.of(left, right)).contains(0f, HeardPair.OPTIONS.start());

            assertThat(voteAfter(pair, 2, () -> page.click("#vote-right")).verdict())
                    .isEqualTo(Verdict.RIGHT);
            assertThat(voteAfter(pair, 3, () -> page.click("#vote-same")).verdict())
                    .isEqualTo(Verdict.SAME);
            assertThat(voteAfter(pair, 4, () -> page.click("#right")).verdict()).isEqualTo(Verdict.RIGHT);
            assertThat(voteAfter(pair, 5, () -> page.key("ArrowLeft")).verdict())
                    .isEqualTo(Verdict.LEFT);
            assertThat(voteAfter(pair, 6, () -> page.key("ArrowRight")).verdict())
                    .isEqualTo(Verdict.RIGHT);
            assertThat(voteAfter(pair, 7, () -> page.key("s")).verdict()).isEqualTo(Verdict.SAME);
            assertThat(voteAfter(pair, 8, () -> page.key("1")).verdict()).isEqualTo(Verdict.LEFT);
            assertThat(page.complaints().stream().filter(text -> !text.contains("favicon")))
                    .isEmpty();
        }
    }

    @Test
    void answersAreTextWhateverTheySay() throws Exception {
        try (HeardPair pair = new HeardPair(HeardPair.prompts(5), List.of())) {
            visit(pair);

            assertThat(page.value("document.title")).isEqualTo("Which answer is better? - expo-gguf");
            assertThat(page.value("document.querySelectorAll('b').length")).isEqualTo("0");
            assertThat(page.value("document.querySelectorAll('script').length")).isEqualTo("1");
            assertThat(page.value("document.getElementById('left').textContent"))
                    .contains("<script>document.title = 'owned'</script>");
        }
    }

    /** Inline scripts do not run, and nothing is fetched from elsewhere. */
    @Test
    void policyForbidsEverythingElse() throws Exception {
        try (HeardPair pair = new HeardPair(HeardPair.prompts(5), List.of())) {
            visit(pair);
            page.value("(() => { const s = document.createElement('script'); s.textContent = 'document.title = 1';"
                    + " document.body.append(s); const i = new Image(); i.src = 'http://127.0.0.1:1/x.png'; })()");

            page.value("new Promise(done => setTimeout(done, 200))");
            Thread.sleep(300);

            assertThat(page.value("document.title")).isEqualTo("Which answer is better? - expo-gguf");
            assertThat(String.join("\n", page.complaints())).contains("script-src 'self'", "default-src 'none'");
        }
    }

    @Test
    void nothingScrollsSideways() throws Exception {
        try (HeardPair pair = new HeardPair(HeardPair.prompts(5), votes(20))) {
            visit(pair);
            assertReadable(360, 800, 1600);
        }
    }

    private static List<Vote> votes(int count) {
        List<Float> alphas = HeardPair.OPTIONS.candidates();
        List<Vote> votes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float other = alphas.get(1 + i % (alphas.size() - 1));
            votes.add(Vote.of(0, other, other > 0.5 && other < 5 ? Verdict.RIGHT : Verdict.LEFT, "Why?", i));
        }
        return votes;
    }

    /** The best may lie between those that were heard. */
    @Test
    void dotsAreFullWhereAnAlphaWasHeard() throws Exception {
        try (HeardPair pair = new HeardPair(HeardPair.prompts(5), votes(1))) {
            visit(pair);
            page.value("document.querySelector('circle.dot:not(.heard)').classList.add('best')");

            assertThat(
                            page.value(
                                    "[...document.querySelectorAll('circle.dot')].every(e => e.classList.contains('heard')"
                                            + " === (getComputedStyle(e).fill !== getComputedStyle(document.body).backgroundColor))"))
                    .isEqualTo("true");
        }
    }

    @Test
    void promptThatIsTypedIsAskedNext() throws Exception {
        try (HeardPair pair = new HeardPair(List.of(), List.of())) {
            page.go(pair.server.address());
            page.await("document.getElementById('news')?.textContent === 'Type a prompt below.'");

            page.click("#typed");
            page.type("Is 1 > 0 & <true>?");
            page.key("s");
            page.click("#own button");

            page.await(ASKED);
            assertThat(page.value("document.getElementById('prompt').textContent"))
                    .as("a key in the field is no vote")
                    .isEqualTo("Is 1 > 0 & <true>?s");
        }
    }

    private static final String PROBLEM = "document.getElementById('problem').textContent";

    private String typed() throws Exception {
        return page.value("document.getElementById('typed').value");
    }

    private void ask(String prompt) throws Exception {
        page.click("#typed");
        page.type(prompt);
        page.click("#own button");
    }

    @Test
    void promptThatCannotBeAnsweredIsLeftOutAndNothingElseChanges() throws Exception {
        try (HeardPair pair = new HeardPair(HeardPair.prompts(5), votes(3))) {
            visit(pair);
            int number = pair.session.state().question().number();

            ask("Too long a prompt");
            page.click("#vote-left"); // what was typed is asked after it
            page.await(PROBLEM
                    + " === \"Not asked: 'Too long a prompt': the prompt has 900 tokens, expected at most 64\"");
            page.await("/^4 votes|[^0-9]4 votes/.test(document.getElementById('known').textContent) && " + ASKED);
            assertThat(pair.session.state().question().number()).isGreaterThan(number);

            ask("Refused by the template");
            page.click("#vote-left");
            page.await(PROBLEM + " === \"Not asked: 'Refused by the template': the chat template says: not this\"");
            assertThat(pair.problems)
                    .containsExactly(
                            "not asked: 'Too long a prompt': the prompt has 900 tokens, expected at most 64",
                            "not asked: 'Refused by the template': the chat template says: not this");

            ask("Why?");
            page.await(PROBLEM + " === ''");
        }
    }

    @Test
    void answersThatNeverDifferAreNotMadeForEver() throws Exception {
        try (HeardPair pair = new HeardPair(List.of(Prompt.of("Alike?")), List.of())) {
            page.go(pair.server.address());
            page.await(
                    "document.getElementById('news')?.textContent.startsWith('Answers do not differ: the last 12 pairs"
                            + " were the same to the letter, up to alpha 8; another prompt can be typed')");
            assertThat(pair.session.listening().votes()).hasSize(12);
            assertThat(pair.problems).hasSize(1);

            ask("Why is the sky blue?");
            page.await(ASKED);

            page.click("#finish");
            page.await("document.getElementById('winner').textContent === 'No alpha was chosen: nobody voted'");
        }
    }

    @Test
    void promptIsTakenWhileAVoteIsUnderWay() throws Exception {
        try (HeardPair pair = new HeardPair(HeardPair.prompts(5), List.of())) {
            visit(pair);

            page.value("(() => { document.getElementById('vote-left').click();"
                    + " document.getElementById('typed').value = 'Typed meanwhile';"
                    + " document.getElementById('own').requestSubmit(); })()");

            page.await("document.getElementById('typed').value === ''");
            page.await(ASKED);
            while (!page.value("document.getElementById('prompt').textContent").equals("Typed meanwhile")) {
                int votes = pair.session.listening().heard();
                assertThat(votes).as("it is asked next").isLessThan(3);
                voteAfter(pair, votes + 1, () -> page.click("#vote-same"));
            }
        }
    }

    @Test
    void promptThatIsRefusedStaysInItsBox() throws Exception {
        try (HeardPair pair = new HeardPair(HeardPair.prompts(5), List.of())) {
            visit(pair);

            page.value("document.getElementById('typed').value = 'x'.repeat(300000)");
            page.click("#own button");
            page.await(PROBLEM + " === 'Not asked: longer than 256 KiB'");
            assertThat(typed()).hasSize(300_000);

            page.value("document.getElementById('typed').value = '\\u001c'"); // is blank to Java alone
            page.click("#own button");
            page.await(PROBLEM + " === 'Not asked: the prompt is empty'");
            page.click("#vote-left");
            page.await("/1 vote/.test(document.getElementById('known').textContent)");
            assertThat(page.value(PROBLEM)).as("stays until the next one").isEqualTo("Not asked: the prompt is empty");
            assertThat(typed()).isEqualTo("\u001c");

            page.value("document.getElementById('typed').value = 'Why?'");
            page.click("#own button");
            page.await("document.getElementById('typed').value === '' && " + PROBLEM + " === ''");
        }
    }

    @Test
    void endShowsTheWinner() throws Exception {
        try (HeardPair pair = new HeardPair(HeardPair.prompts(5), votes(20))) {
            visit(pair);

            page.click("#finish");

            page.await("document.getElementById('outcome').textContent === 'Written to OUT.gguf.'");
            assertThat(page.value("document.activeElement.id"))
                    .as("the button that had the focus is gone")
                    .isEqualTo("result");
            assertThat(page.value("document.getElementById('winner').textContent"))
                    .isEqualTo("Alpha " + Numbers.brief(pair.session.listening().best()));
            assertThat(page.value(ASKED)).isEqualTo("false");
            assertThat(page.value("document.getElementById('typed').offsetParent"))
                    .as("nothing more can be asked")
                    .isEqualTo("null");
        }
    }

    @Test
    void endShowsTheCommandThatWrites() throws Exception {
        try (HeardPair pair = new HeardPair(HeardPair.prompts(5), votes(20))) {
            pair.outcome = "Nothing was written; write with:\nexpo-gguf extrapolate --sft 'a <b>.gguf'";
            visit(pair);

            page.click("#finish");

            page.await("document.getElementById('outcome').textContent === 'Nothing was written; write with:'");
            assertThat(page.value("document.getElementById('command').textContent"))
                    .isEqualTo("expo-gguf extrapolate --sft 'a <b>.gguf'");
        }
    }

    /** From the address bar to a vote with Tab and Enter alone. */
    @Test
    void everythingIsWithinReachOfTheKeyboard() throws Exception {
        try (HeardPair pair = new HeardPair(HeardPair.prompts(5), List.of())) {
            visit(pair);

            List<String> reached = List.of(
                    page.value("[...document.querySelectorAll('button, textarea, a')].filter(e => e.tabIndex === 0"
                                    + " && e.offsetParent).map(e => e.id || e.type).join()")
                            .split(","));

            assertThat(reached).containsExactly("vote-left", "vote-same", "vote-right", "finish", "typed", "submit");
            assertThat(page.value("document.getElementById('typed').labels[0].textContent"))
                    .startsWith("Your prompt");
            assertThat(page.value("document.getElementById('news').getAttribute('aria-live')"))
                    .isEqualTo("polite");
        }
    }
}
