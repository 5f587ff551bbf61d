package io.github.expogguf.infer.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.infer.jinja.Rendering.Request;
import io.github.expogguf.testing.TrustFigures;
import io.github.expogguf.text.Escape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random templates give the text of Python's jinja2, or are refused by both. */
@Tag("trust")
final class RandomTemplatesTest {

    private static final int TEMPLATES = Integer.getInteger("expo.gguf.test.templates", 3000);
    private static final long SEED = Long.getLong("expo.gguf.test.seed", 20260305L);
    /** Rendered before the answers are looked at. */
    private static final int CHUNK = 500;
    /** Shrinking one takes seconds. */
    private static final int MAX_SHRUNK = Integer.getInteger("expo.gguf.test.shrunk", 20);
    /** Of a hundred templates this many at least have to render, or the grammar has gone wrong. */
    private static final int RENDERED_PERCENT = 40;

    private static final Map<String, Object> VARIABLES = Conversations.forRandomTemplates();

    @Test
    void randomTemplatesGiveTheTextOfJinja2() throws IOException {
        TemplateGrammar grammar = TemplateGrammar.read(Path.of("src/test/resources/jinja/grammar.txt"));
        Tally tally = new Tally();
        Map<String, String> differences = new LinkedHashMap<>();
        int wrong = 0;
        try (Oracle jinja2 = Oracle.jinja2()) {
            for (int first = 0; first < TEMPLATES; first += CHUNK) {
                List<Piece> templates = LongStream.range(first, Math.min(first + CHUNK, TEMPLATES))
                        .mapToObj(i -> grammar.generate(SEED + i))
                        .toList();
                List<Agreement> agreements = agreements(jinja2, templates);
                for (int i = 0; i < templates.size(); i++) {
                    Agreement agreement = agreements.get(i);
                    tally.add("seed " + SEED, agreement);
                    if (!agreement.isRight() && wrong++ < MAX_SHRUNK) {
                        Piece smallest = Shrinker.shrink(
                                templates.get(i),
                                candidates -> agreements(jinja2, candidates).indexOf(agreement));
                        differences.put(smallest.text(), describe(jinja2, smallest));
                    }
                }
            }
            System.out.println("random templates, against " + jinja2.name() + "\n" + tally.table("templates"));
            TrustFigures.print(
                    TEMPLATES + " random chat templates (seed " + SEED + "), against " + jinja2.name(), tally.figure());
        }
        assertThat(smallestFirst(differences))
                .as("the smallest of %d differences", wrong)
                .isEmpty();
        assertThat(tally.count(Agreement.SAME_TEXT)).isGreaterThan(TEMPLATES * RENDERED_PERCENT / 100);
    }

    private static String smallestFirst(Map<String, String> differences) {
        return differences.entrySet().stream()
                .sorted(Comparator.comparingInt(entry -> entry.getKey().length()))
                .map(Map.Entry::getValue)
                .collect(Collectors.joining());
    }

    private static List<Agreement> agreements(Oracle jinja2, List<Piece> templates) {
        List<Request> requests =
                templates.stream().map(RandomTemplatesTest::request).toList();
        List<Rendering> expected = jinja2.render(requests);
        List<Agreement> agreements = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            agreements.add(Agreement.of(expected.get(i), Rendering.ours(requests.get(i))));
        }
        return agreements;
    }

    private static Request request(Piece template) {
        return new Request(template.text(), VARIABLES, Conversations.NOW);
    }

    private static String describe(Oracle jinja2, Piece template) {
        Request request = request(template);
        Rendering expected = jinja2.render(request);
        Rendering ours = Rendering.ours(request);
        return String.format(
                "%n%s%n%s%n",
                Escape.text(request.template()), Agreement.of(expected, ours).describe(expected, ours));
    }
}
