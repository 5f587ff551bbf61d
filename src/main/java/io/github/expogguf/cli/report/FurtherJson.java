package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.plan.recipe.FurtherRecipe;
import io.github.expogguf.plan.recipe.Recipe;

/** Adapters and further differences, for programs. */
public final class FurtherJson {

    private FurtherJson() {}

    /** Adds what a plan's metadata says, where there is any; the digests are not known yet. */
    static void addTo(JsonObject document, Metadata planned) {
        FurtherRecipe further = Recipe.read(planned).map(Recipe::further).orElse(FurtherRecipe.NONE);
        if (!further.adapters().isEmpty()) {
            document.add("adapters", adapters(further, false));
        }
        if (!further.deltas().isEmpty()) {
            document.add("deltas", deltas(further, false));
        }
    }

    public static JsonArray adapters(FurtherRecipe further, boolean withDigests) {
        JsonArray array = new JsonArray();
        further.adapters().forEach(adapter -> {
            JsonObject object = source(adapter.source(), withDigests);
            object.addProperty("weight", adapter.weight());
            array.add(object);
        });
        return array;
    }

    public static JsonArray deltas(FurtherRecipe further, boolean withDigests) {
        JsonArray array = new JsonArray();
        further.deltas().forEach(delta -> {
            JsonObject object = new JsonObject();
            object.add("sft", source(delta.sft(), withDigests));
            object.add("aligned", source(delta.aligned(), withDigests));
            object.addProperty("weight", delta.weight());
            array.add(object);
        });
        return array;
    }

    private static JsonObject source(FurtherRecipe.Source source, boolean withDigests) {
        JsonObject object = new JsonObject();
        object.add("files", Json.strings(source.files()));
        if (withDigests) {
            object.add("sha256", Json.strings(source.digests()));
        }
        return object;
    }
}
