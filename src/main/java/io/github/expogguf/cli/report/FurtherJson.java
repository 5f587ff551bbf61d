package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.plan.recipe.RecordedModel;
import io.github.expogguf.plan.task.Ingredients;

/** Adapters and further differences, for programs. */
public final class FurtherJson {

    private FurtherJson() {}

    /** Adds what a plan's metadata says, where there is any; the digests are not known yet. */
    static void addTo(JsonObject document, Metadata planned) {
        Recipe.read(planned).map(Recipe::models).ifPresent(models -> {
            if (!models.adapters().isEmpty()) {
                document.add("adapters", adapters(models, false));
            }
            if (!models.deltas().isEmpty()) {
                document.add("deltas", deltas(models, false));
            }
            if (models.trajectory().isPresent()) {
                document.add("checkpoints", checkpoints(models, false));
            }
        });
    }

    public static JsonArray adapters(Ingredients<RecordedModel> models, boolean withDigests) {
        JsonArray array = new JsonArray();
        models.adapters().forEach(adapter -> {
            JsonObject object = json(adapter.model(), withDigests);
            object.addProperty("weight", adapter.weight());
            array.add(object);
        });
        return array;
    }

    public static JsonArray deltas(Ingredients<RecordedModel> models, boolean withDigests) {
        JsonArray array = new JsonArray();
        models.deltas().forEach(delta -> {
            JsonObject object = new JsonObject();
            object.add("sft", json(delta.sft(), withDigests));
            object.add("aligned", json(delta.aligned(), withDigests));
            object.addProperty("weight", delta.weight());
            array.add(object);
        });
        return array;
    }

    /** All of a training run, by their steps; none of a pair. */
    public static JsonArray checkpoints(Ingredients<RecordedModel> models, boolean withDigests) {
        JsonArray array = new JsonArray();
        models.checkpoints().forEach(checkpoint -> {
            JsonObject object = json(checkpoint.model(), withDigests);
            object.addProperty("step", checkpoint.step());
            array.add(object);
        });
        return array;
    }

    private static JsonObject json(RecordedModel model, boolean withDigests) {
        JsonObject object = new JsonObject();
        object.add("files", Json.strings(model.files()));
        if (withDigests) {
            object.add("sha256", Json.strings(model.digests()));
        }
        return object;
    }
}
