package io.github.expogguf.card;

import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.plan.options.RecipeKeys;
import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The YAML at the beginning of a model card, as Hugging Face reads it; every value from a file is a quoted string. */
final class FrontMatter {

    private static final String NAME = "[\\w.-]{1,96}/[\\w.-]{1,96}";
    private static final Pattern REPOSITORY = Pattern.compile("https://huggingface\\.co/(" + NAME + ")/?");
    private static final int MAX_PARENTS = 16;
    private static final int MAX_LANGUAGES = 64;

    private final StringBuilder yaml = new StringBuilder();

    private FrontMatter() {}

    /** Of an output, by its metadata. */
    static String of(Metadata metadata, boolean isExtrapolated, boolean isPredicted) {
        FrontMatter matter = new FrontMatter();
        matter.yaml.append("---\n");
        matter.license(metadata);
        List<String> parents = parents(metadata);
        matter.list("base_model", parents);
        if (!parents.isEmpty()) {
            matter.value("base_model_relation", isExtrapolated ? "merge" : "quantized"); // words of Hugging Face
        }
        matter.list("language", languages(metadata));
        matter.value("library_name", "gguf");
        matter.value("pipeline_tag", "text-generation");
        matter.value("quantized_by", "expo-gguf");
        matter.list(
                "tags",
                isExtrapolated
                        ? List.of("gguf", "llama.cpp", "expo", isPredicted ? "arxiv:2605.21468" : "arxiv:2404.16792")
                        : List.of("gguf", "llama.cpp"));
        return matter.yaml.append("---\n").toString();
    }

    private void license(Metadata metadata) {
        Optional<String> license = metadata.string("general.license")
                .map(text -> text.toLowerCase(Locale.ROOT).strip());
        if (license.isEmpty()) {
            return;
        }
        boolean isId = license.get().matches("[a-z0-9][a-z0-9.-]{0,63}");
        value("license", isId ? license.get() : "other");
        if (!isId) {
            value("license_name", license.get());
        }
        metadata.string("general.license.name").filter(_ -> isId).ifPresent(name -> value("license_name", name));
        metadata.string("general.license.link")
                .filter(link -> link.matches("https://[\\w./~%-]{1,200}"))
                .ifPresent(link -> value("license_link", link));
    }

    /** Repositories of the parents, as far as their files or a preset name them. */
    private static List<String> parents(Metadata metadata) {
        List<String> parents = new ArrayList<>();
        for (int i = 0; i < MAX_PARENTS; i++) {
            metadata.string("general.base_model." + i + ".repo_url")
                    .map(REPOSITORY::matcher)
                    .filter(Matcher::matches)
                    .map(matcher -> matcher.group(1))
                    .filter(name -> !parents.contains(name))
                    .ifPresent(parents::add);
        }
        Stream.of("aligned", "sft")
                .forEach(role -> metadata.string(RecipeKeys.REPOSITORY + role)
                        .filter(name -> name.matches(NAME) && !parents.contains(name))
                        .ifPresent(parents::add));
        return parents;
    }

    private static List<String> languages(Metadata metadata) {
        return metadata
                .get("general.languages")
                .filter(value -> value.type() == MetadataType.ARRAY
                        && value.elementType() == MetadataType.STRING
                        && value.elementCount() <= MAX_LANGUAGES)
                .map(MetadataValue::asStrings)
                .orElse(List.of())
                .stream()
                .filter(language -> language.matches("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?"))
                .toList();
    }

    private void value(String key, String value) {
        yaml.append(key).append(": ").append(quoted(value)).append('\n');
    }

    private void list(String key, List<String> values) {
        if (!values.isEmpty()) {
            yaml.append(key).append(":\n");
            values.forEach(value -> yaml.append("- ").append(quoted(value)).append('\n'));
        }
    }

    /** A double-quoted scalar of one line, ASCII alone. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char unit : text.substring(0, Math.min(200, text.length())).toCharArray()) {
            if (unit == '"' || unit == '\\') {
                quoted.append('\\').append(unit);
            } else if (unit >= ' ' && unit <= '~') {
                quoted.append(unit);
            } else if (!Character.isSurrogate(unit)) { // a lone one is no character, and YAML has no pairs
                quoted.append(Escape.unit(unit));
            }
        }
        return quoted.append('"').toString();
    }
}
