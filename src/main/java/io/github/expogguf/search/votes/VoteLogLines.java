package io.github.expogguf.search.votes;

import io.github.expogguf.search.log.LogJson;
import io.github.expogguf.search.log.LogKind;
import io.github.expogguf.text.Words;
import io.github.expogguf.text.json.JsonText;
import java.util.LinkedHashMap;
import java.util.Map;

/** The lines of a {@link VoteLog}. */
final class VoteLogLines {

    static final LogKind KIND = new LogKind("expo-gguf listen log", 1, "listening test");

    private VoteLogLines() {}

    static String line(Vote vote) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("left", vote.left());
        line.put("right", vote.right());
        line.put("verdict", Words.hyphened(vote.verdict()));
        line.put("heard", vote.isHeard());
        line.put("prompt", vote.prompt());
        line.put("seed", Integer.toUnsignedLong(vote.seed()));
        return JsonText.compact(line);
    }

    /** @throws IllegalArgumentException if it is no vote */
    static Vote vote(String text) {
        Map<?, ?> line = LogJson.line(text);
        return new Vote(
                Float.parseFloat(LogJson.number(line.get("left"))),
                Float.parseFloat(LogJson.number(line.get("right"))),
                verdict(LogJson.string(line.get("verdict"))),
                LogJson.string(line.get("prompt")),
                Integer.parseUnsignedInt(LogJson.number(line.get("seed"))),
                LogJson.truth(line, "heard"));
    }

    private static Verdict verdict(String word) {
        for (Verdict verdict : Verdict.values()) {
            if (Words.hyphened(verdict).equals(word)) {
                return verdict;
            }
        }
        throw new IllegalArgumentException("a verdict '" + word + "', expected left, right or same");
    }
}
