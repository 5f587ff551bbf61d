package io.github.expogguf.cli.search;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.plan.options.TensorAlphaRule;
import io.github.expogguf.search.AlphaProfile;
import io.github.expogguf.search.Estimate;
import io.github.expogguf.search.ProfileSearchResult;
import io.github.expogguf.search.SearchResult;
import io.github.expogguf.search.Trial;
import io.github.expogguf.text.Words;

/** A search as a document: everything but the answers. */
final class SearchJson {

    private final SearchReport report;

    private SearchJson(SearchReport report) {
        this.report = report;
    }

    static JsonObject of(SearchReport report) {
        return new SearchJson(report).document();
    }

    private JsonObject document() {
        JsonObject inputs = new JsonObject();
        report.inputs().forEach(inputs::addProperty);
        JsonArray evaluations = new JsonArray();
        report.all().forEach(trial -> evaluations.add(evaluation(trial)));

        JsonObject document = Json.document("search");
        document.addProperty("score", report.score());
        document.addProperty("prompts", report.prompts());
        document.addProperty("answersPerPrompt", report.answersPerPrompt());
        document.add("inputs", inputs);
        document.add(
                "bounds",
                Json.strings(
                        report.options().bounds().stream().map(Object::toString).toList()));
        document.addProperty("holdout", report.options().holdout());
        document.add("best", report.best().map(SearchJson::trial).orElse(null));
        document.addProperty("choice", report.choice());
        document.add("maximum", report.result().maximum().map(SearchJson::trial).orElse(null));
        document.add("highest", report.result().highest().map(SearchJson::trial).orElse(null));
        report.result().hunch().ifPresent(hunch -> document.add("hunch", hunch(hunch)));
        document.addProperty("edge", report.result().edge().map(Words::hyphened).orElse(null));
        document.addProperty("end", Words.hyphened(report.result().end()));
        report.profiles().ifPresent(profiles -> document.add("profiles", profiles(profiles)));
        document.add("evaluations", evaluations);
        document.addProperty("elapsedSeconds", report.elapsedNanos() / 1e9);
        return document;
    }

    private static JsonObject profiles(ProfileSearchResult profiles) {
        JsonObject object = new JsonObject();
        object.addProperty("looks", profiles.looks());
        object.add("errorsNeeded", Json.numberOrNull(profiles.errorsNeeded()));
        object.addProperty("prompts", profiles.prompts());
        object.addProperty("promptsNeeded", profiles.promptsNeeded());
        JsonArray candidates = new JsonArray();
        for (ProfileSearchResult.Candidate tried : profiles.candidates()) {
            JsonObject candidate = new JsonObject();
            candidate.addProperty("name", tried.name());
            candidate.add("highest", tried.highest().map(SearchJson::trial).orElse(null));
            tried.reportedAdvantage().ifPresent(gain -> add(candidate, "advantage", "advantageError", gain));
            tried.advantage().ifPresent(gain -> add(candidate, "selectionAdvantage", "selectionAdvantageError", gain));
            candidate.addProperty("edge", tried.edge().map(Words::hyphened).orElse(null));
            candidate.addProperty("verdict", Words.hyphened(tried.verdict()));
            candidate.addProperty("end", Words.hyphened(tried.end()));
            candidates.add(candidate);
        }
        object.add("candidates", candidates);
        return object;
    }

    private static JsonObject hunch(SearchResult.Hunch hunch) {
        JsonObject object = new JsonObject();
        hunch.low().ifPresent(low -> object.addProperty("low", low));
        hunch.high().ifPresent(high -> object.addProperty("high", high));
        hunch.likeness().ifPresent(likeness -> add(object, "likeness", "likenessError", likeness));
        return object;
    }

    private JsonObject evaluation(Trial trial) {
        JsonArray scores = new JsonArray();
        trial.evaluation().scores().forEach(scores::add);
        JsonObject object = trial(trial);
        object.add("scores", scores);
        return object;
    }

    private static JsonObject trial(Trial trial) {
        JsonObject guards = new JsonObject();
        trial.evaluation().guards().forEach((name, value) -> guards.add(name, Json.numberOrNull(value)));

        JsonObject object = new JsonObject();
        object.addProperty("alpha", trial.alpha());
        AlphaProfile profile = trial.evaluation().profile();
        if (!profile.equals(AlphaProfile.UNIFORM)) {
            object.addProperty("profile", profile.name());
            object.add(
                    "rules",
                    Json.strings(
                            profile.rules().stream().map(TensorAlphaRule::text).toList()));
        }
        add(object, "score", "error", trial.reportedScore());
        add(object, "difference", "differenceError", trial.reportedDifference());
        add(object, "selectionScore", "selectionError", trial.score());
        add(object, "selectionDifference", "selectionDifferenceError", trial.difference());
        object.add("guards", guards);
        object.add(
                "violated",
                Json.strings(trial.violated().stream().map(Object::toString).toList()));
        return object;
    }

    private static void add(JsonObject object, String mean, String error, Estimate estimate) {
        object.add(mean, Json.numberOrNull(estimate.mean()));
        object.add(error, Json.numberOrNull(estimate.error()));
    }
}
