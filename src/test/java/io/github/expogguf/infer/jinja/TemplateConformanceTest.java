package io.github.expogguf.infer.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.infer.jinja.Rendering.Refusal;
import io.github.expogguf.infer.jinja.Rendering.Request;
import io.github.expogguf.infer.jinja.Rendering.Text;
import io.github.expogguf.nativelib.PinnedVersion;
import io.github.expogguf.testing.TrustFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every chat template of the pinned llama.cpp, and our own, in every conversation: our text is that of Python's jinja2,
 * and what jinja2 refuses we refuse. {@code @huggingface/jinja} is a second opinion, which counts where it is jinja2's.
 */
@Tag("trust")
@Timeout(300)
final class TemplateConformanceTest {

    private static final Path LLAMA_CPP = Path.of("native/build/source/models/templates");
    private static final Path OWN = Path.of("src/test/resources/jinja/templates");
    private static final int SHOWN = 12;

    private record Case(String template, String conversation, Request request) {}

    @Test
    void templatesOfLlamaCppGiveTheTextOfJinja2() throws IOException {
        Oracle.requireFetched(LLAMA_CPP);
        Map<String, String> templates = read(LLAMA_CPP);
        assertThat(templates).hasSizeGreaterThan(60);
        compare("chat templates of llama.cpp " + PinnedVersion.LLAMA_CPP, templates);
    }

    @Test
    void ownTemplatesGiveTheTextOfJinja2() throws IOException {
        compare("our own templates", read(OWN));
    }

    private static void compare(String what, Map<String, String> templates) throws IOException {
        List<Case> cases = new ArrayList<>();
        Map<String, Map<String, Object>> conversations = Conversations.all();
        templates.forEach((template, source) -> conversations.forEach((conversation, variables) ->
                cases.add(new Case(template, conversation, new Request(source, variables, Conversations.NOW)))));
        List<Request> requests = cases.stream().map(Case::request).toList();

        try (Oracle jinja2 = Oracle.jinja2();
                Oracle huggingFace = Oracle.huggingFace()) {
            List<Rendering> expected = jinja2.render(requests);
            List<Rendering> ours = requests.stream().map(Rendering::ours).toList();
            Tally tally = new Tally();
            List<String> differences = new ArrayList<>();
            for (int i = 0; i < cases.size(); i++) {
                Agreement agreement = Agreement.of(expected.get(i), ours.get(i));
                tally.add(cases.get(i).conversation(), agreement);
                if (!agreement.isRight()) {
                    differences.add(String.format(
                            "%s, %s: %s",
                            cases.get(i).template(),
                            cases.get(i).conversation(),
                            agreement.describe(expected.get(i), ours.get(i))));
                }
            }
            System.out.println(what + ", against " + jinja2.name() + "\n" + tally.table("conversation"));
            TrustFigures.print(
                    what + " in " + conversations.size() + " conversations each, against " + jinja2.name(),
                    tally.figure());
            assertThat(differences.stream().limit(SHOWN))
                    .as("of %d differences", differences.size())
                    .isEmpty();
            checkSecondOpinion(huggingFace.name(), expected, huggingFace.render(requests), ours);
        }
    }

    /** Where the second opinion is jinja2's it has to be ours, too; where not, it is only counted. */
    private static void checkSecondOpinion(
            String name, List<Rendering> jinja2, List<Rendering> second, List<Rendering> ours) {
        int agreed = 0;
        int oursToo = 0;
        int other = 0;
        int refused = 0;
        for (int i = 0; i < jinja2.size(); i++) {
            if (!(jinja2.get(i) instanceof Text text)) {
                continue;
            }
            switch (second.get(i)) {
                case Text same
                when same.equals(text) -> {
                    agreed++;
                    oursToo += ours.get(i).equals(same) ? 1 : 0;
                }
                case Text different -> other++;
                case Refusal refusal -> refused++;
            }
        }
        TrustFigures.print(
                "the same where " + name + " agrees with jinja2 (it writes other text " + other + " times, refuses "
                        + refused + ")",
                oursToo + " of " + agreed + " texts the same");
        assertThat(oursToo).isEqualTo(agreed);
    }

    /** The text of each template by its name. */
    private static Map<String, String> read(Path directory) throws IOException {
        Map<String, String> templates = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".jinja")).toList()) {
                templates.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return templates;
    }
}
