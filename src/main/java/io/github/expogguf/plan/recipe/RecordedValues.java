package io.github.expogguf.plan.recipe;

import io.github.expogguf.VerificationException;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.RecipeKeys;
import java.util.ArrayList;
import java.util.List;

/** What every part of a recipe reads from metadata. */
final class RecordedValues {

    static final String ALPHA = RecipeKeys.PREFIX + "alpha";

    private RecordedValues() {}

    static boolean isExtrapolated(Metadata metadata) {
        return metadata.get(ALPHA).isPresent();
    }

    /** @throws VerificationException if there is none */
    static String string(Metadata metadata, String key) {
        return metadata.string(key)
                .orElseThrow(() -> new VerificationException("the recipe is incomplete: no string " + key));
    }

    /** @throws VerificationException if there are none */
    static List<String> strings(Metadata metadata, String key) {
        List<String> strings = new ArrayList<>();
        metadata.get(key)
                .filter(value -> value.type() == MetadataType.ARRAY && value.elementType() == MetadataType.STRING)
                .map(MetadataValue::asStrings)
                .ifPresentOrElse(strings::addAll, () -> {
                    throw new VerificationException("the recipe is incomplete: no strings " + key);
                });
        return strings;
    }
}
