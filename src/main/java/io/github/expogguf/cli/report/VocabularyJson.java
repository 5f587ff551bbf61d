package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.plan.pair.VocabularyDifference;
import io.github.expogguf.plan.pair.VocabularyDifference.SpecialToken;
import io.github.expogguf.plan.pair.VocabularyDifference.Token;
import java.util.List;
import java.util.Optional;

/** How two vocabularies differ, for programs. */
final class VocabularyJson {

    /**
     * Vocabularies with more differences have little in common; a list of a million takes half a gigabyte as a tree.
     */
    private static final int MAX_LISTED = 1 << 16;

    private static final String CHAT_TEMPLATE = "tokenizer.chat_template";

    private VocabularyJson() {}

    /** Adds {@code vocabulary} where the tokens differ. */
    static void addTo(JsonObject document, ModelHeader sft, ModelHeader aligned) {
        VocabularyDifference.of(sft, aligned).ifPresent(found -> document.add("vocabulary", json(found, sft, aligned)));
    }

    private static JsonObject json(VocabularyDifference found, ModelHeader sft, ModelHeader aligned) {
        JsonObject object = new JsonObject();
        object.addProperty("sftTokens", found.sftTokens());
        object.addProperty("alignedTokens", found.alignedTokens());
        object.addProperty("matched", found.matched());
        object.addProperty("moved", found.moved());
        addTokens(object, "onlyInSft", found.onlyInSft());
        addTokens(object, "onlyInAligned", found.onlyInAligned());
        object.addProperty("sftPaddedRows", found.sftPaddedRows());
        object.addProperty("alignedPaddedRows", found.alignedPaddedRows());
        JsonArray special = new JsonArray();
        found.specialTokens().forEach(token -> special.add(json(token)));
        object.add("specialTokens", special);
        object.addProperty(
                "sameChatTemplate",
                sft.metadata().string(CHAT_TEMPLATE).equals(aligned.metadata().string(CHAT_TEMPLATE)));
        return object;
    }

    private static void addTokens(JsonObject object, String name, List<String> tokens) {
        object.addProperty(name + "Count", tokens.size());
        object.add(name, Json.strings(tokens.subList(0, Math.min(MAX_LISTED, tokens.size()))));
    }

    private static JsonObject json(SpecialToken token) {
        JsonObject object = new JsonObject();
        object.addProperty("name", token.name());
        object.add("sft", json(token.sft()));
        object.add("aligned", json(token.aligned()));
        return object;
    }

    private static JsonElement json(Optional<Token> token) {
        if (token.isEmpty()) {
            return JsonNull.INSTANCE;
        }
        JsonObject object = new JsonObject();
        object.addProperty("id", token.get().id());
        object.addProperty("text", token.get().text());
        return object;
    }
}
