package io.github.expogguf.cli.listen;

import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.search.votes.Listening;
import io.github.expogguf.search.votes.Listening.Point;
import io.github.expogguf.search.votes.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Why the alpha that was found is the best, as metadata of the written model. */
final class ListenEvidence {

    private final Map<String, MetadataValue> values = new LinkedHashMap<>();

    private ListenEvidence() {}

    static Map<String, MetadataValue> of(Listening listening, Map<String, String> inputs) {
        ListenEvidence evidence = new ListenEvidence();
        evidence.put("kind", MetadataValue.ofString("votes"));
        evidence.put("votes", MetadataValue.ofUint32(listening.heard()));
        evidence.put(
                "ties",
                MetadataValue.ofUint32(listening.votes().stream()
                        .filter(vote -> vote.isHeard() && vote.verdict() == Verdict.SAME)
                        .count()));
        evidence.put(
                "identical_answers", MetadataValue.ofUint32(listening.votes().size() - listening.heard()));
        evidence.put("certainty", number(listening.certainty()));
        evidence.put("above_aligned", number(listening.probabilityAboveAligned()));
        inputs.forEach((name, value) -> {
            if (name.startsWith("chat-template")) {
                evidence.put(name.replace('-', '_'), MetadataValue.ofString(value));
            }
        });
        evidence.put("alphas", numbers(listening.curve(), Point::alpha));
        evidence.put("scores", numbers(listening.curve(), Point::mean));
        evidence.put("errors", numbers(listening.curve(), Point::deviation));
        return evidence.values;
    }

    private void put(String name, MetadataValue value) {
        values.put(RecipeKeys.EVIDENCE + name, value);
    }

    private static MetadataValue number(double value) {
        return MetadataValue.ofFloat32((float) value);
    }

    private static MetadataValue numbers(List<Point> points, ToDoubleFunction<Point> value) {
        float[] numbers = new float[points.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) value.applyAsDouble(points.get(i));
        }
        return MetadataValue.ofFloat32s(numbers);
    }
}
