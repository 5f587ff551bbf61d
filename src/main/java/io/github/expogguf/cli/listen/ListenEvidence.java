package io.github.expogguf.cli.listen;

import io.github.expogguf.cli.option.value.EvidenceValues;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.search.votes.Listening;
import io.github.expogguf.search.votes.Listening.Point;
import io.github.expogguf.search.votes.Verdict;
import java.util.Map;

/** Why the alpha that was found is the best, as metadata of the written model. */
final class ListenEvidence {

    private ListenEvidence() {}

    static Map<String, MetadataValue> of(Listening listening, Map<String, String> inputs) {
        EvidenceValues evidence = new EvidenceValues();
        evidence.put("kind", "votes");
        evidence.count("votes", listening.heard());
        evidence.count(
                "ties",
                listening.votes().stream()
                        .filter(vote -> vote.isHeard() && vote.verdict() == Verdict.SAME)
                        .count());
        evidence.count("identical_answers", listening.votes().size() - listening.heard());
        evidence.put("certainty", listening.certainty());
        evidence.put("above_aligned", listening.probabilityAboveAligned());
        inputs.forEach(evidence::putTemplate);
        evidence.put("alphas", listening.curve(), Point::alpha);
        evidence.put("scores", listening.curve(), Point::mean);
        evidence.put("errors", listening.curve(), Point::deviation);
        return evidence.asMap();
    }
}
