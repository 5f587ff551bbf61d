package io.github.expogguf.cli.listen;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.score.Answer;
import io.github.expogguf.search.AlphaScale;
import io.github.expogguf.search.votes.Listening;
import io.github.expogguf.search.votes.ListeningOptions;
import io.github.expogguf.search.votes.Verdict;
import io.github.expogguf.search.votes.Vote;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.Words;
import java.util.Map;

/** A listening test for the page, and as a document. */
final class ListenJson {

    private ListenJson() {}

    /** What the page shows; which alphas are being compared is not in it. */
    static JsonObject state(ListenSession.State state, ListeningOptions options, String models, String output) {
        JsonObject object = summary(state.listening(), options);
        object.addProperty("models", models);
        object.addProperty("output", output);
        object.addProperty("waiting", state.isWaiting());
        object.addProperty("alike", state.alike());
        object.addProperty("unasked", state.unasked());
        object.addProperty("finished", state.isFinished());
        object.addProperty("over", state.isOver());
        object.addProperty("outcome", state.outcome());
        Question question = state.question();
        object.add("question", question == null ? JsonNull.INSTANCE : question(question));
        return object;
    }

    private static JsonObject question(Question question) {
        JsonObject object = new JsonObject();
        object.addProperty("number", question.number());
        object.addProperty("prompt", question.prompt().text());
        object.add("left", answer(question.left()));
        object.add("right", answer(question.right()));
        return object;
    }

    private static JsonObject answer(Answer answer) {
        JsonObject object = new JsonObject();
        object.addProperty("text", answer.text());
        object.addProperty("cutOff", answer.isCutOff());
        return object;
    }

    /** As a document. */
    static JsonObject document(Listening listening, ListeningOptions options, Map<String, String> inputs) {
        JsonObject document = Json.document("listen");
        JsonObject given = new JsonObject();
        inputs.forEach(given::addProperty);
        document.add("inputs", given);
        summary(listening, options).entrySet().forEach(entry -> document.add(entry.getKey(), entry.getValue()));
        JsonArray votes = new JsonArray();
        listening.votes().forEach(vote -> votes.add(vote(vote)));
        document.add("all", votes);
        return document;
    }

    private static JsonObject summary(Listening listening, ListeningOptions options) {
        JsonObject object = new JsonObject();
        object.addProperty("best", number(listening.best()));
        object.addProperty("votes", listening.heard());
        object.addProperty(
                "ties",
                listening.votes().stream()
                        .filter(vote -> vote.isHeard() && vote.verdict() == Verdict.SAME)
                        .count());
        object.addProperty("identical", listening.votes().size() - listening.heard());
        object.addProperty("leastVotes", options.leastVotes());
        object.addProperty("sure", listening.isSure());
        object.addProperty("certainty", listening.certainty());
        object.addProperty("certaintyWanted", options.certainty());
        object.addProperty("smallLoss", options.smallLoss());
        object.addProperty("expectedLoss", listening.expectedLoss());
        object.addProperty("probabilityAboveAligned", listening.probabilityAboveAligned());
        JsonArray curve = new JsonArray();
        listening.curve().forEach(point -> curve.add(point(point)));
        object.add("curve", curve);
        return object;
    }

    private static JsonObject point(Listening.Point point) {
        JsonObject object = new JsonObject();
        object.addProperty("alpha", number(point.alpha()));
        object.addProperty("position", AlphaScale.position(point.alpha()));
        object.addProperty("mean", point.mean());
        object.addProperty("deviation", point.deviation());
        object.addProperty("heard", point.isHeard());
        return object;
    }

    private static JsonObject vote(Vote vote) {
        JsonObject object = new JsonObject();
        object.addProperty("left", number(vote.left()));
        object.addProperty("right", number(vote.right()));
        object.addProperty("verdict", Words.hyphened(vote.verdict()));
        object.addProperty("heard", vote.isHeard());
        object.addProperty("prompt", vote.prompt());
        object.addProperty("seed", Integer.toUnsignedLong(vote.seed()));
        return object;
    }

    /** In the digits that are printed elsewhere. */
    private static Number number(float alpha) {
        return Double.parseDouble(Numbers.brief(alpha));
    }
}
