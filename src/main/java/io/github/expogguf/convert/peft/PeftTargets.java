package io.github.expogguf.convert.peft;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which modules PEFT gives factors when it loads an adapter ({@code check_target_module_exists} in tuners_utils.py,
 * 0.21): it passes over those that a file has of others.
 */
final class PeftTargets {

    private static final String TARGETS = "target_modules";
    private static final String EXCLUDED = "exclude_modules";
    private static final String SAVED = "modules_to_save";
    private static final String LAYERS = "layers_to_transform";
    private static final String LAYERS_PATTERN = "layers_pattern";

    private final PeftConfig config;

    PeftTargets(PeftConfig config) {
        this.config = config;
    }

    /** The key by which a module has no factors; empty if it has. */
    Optional<String> leftOutBy(String module) {
        if (isNamed(EXCLUDED, module)) {
            return Optional.of(EXCLUDED);
        }
        if (config.savedModules().stream()
                .anyMatch(saved -> config.matches(SAVED, "(^|.*\\.)", saved, "($|\\..*)", module))) {
            return Optional.of(SAVED);
        }
        boolean isLinear = config.text(TARGETS)
                .filter(text -> text.toLowerCase(Locale.ROOT).equals("all-linear"))
                .isPresent();
        if (!config.has(TARGETS) || isLinear || config.texts(TARGETS).contains(module)) {
            return Optional.empty(); // those of the architecture, all that there are, or in whatever layer
        }
        if (!isNamed(TARGETS, module)) {
            return Optional.of(TARGETS);
        }
        return isInLayers(module) ? Optional.empty() : Optional.of(LAYERS);
    }

    /** By an expression for the whole name, or by the ends of names. */
    private boolean isNamed(String key, String module) {
        Optional<String> expression = config.text(key);
        return expression.isPresent()
                ? !expression.get().isEmpty() && config.matches(key, "", expression.get(), "", module)
                : config.texts(key).stream().anyMatch(name -> module.equals(name) || module.endsWith("." + name));
    }

    private boolean isInLayers(String module) {
        List<String> layers = config.layers();
        if (layers.isEmpty()) {
            return true;
        }
        List<String> patterns = config.texts(LAYERS_PATTERN);
        Optional<String> layer = patterns.isEmpty() || patterns.equals(List.of(""))
                ? config.layer(LAYERS_PATTERN, ".*?\\.", "[^.]*", module)
                : patterns.stream()
                        .flatMap(pattern -> config.layer(LAYERS_PATTERN, "(?:^|.*?\\.)", pattern, module).stream())
                        .findFirst();
        return layer.filter(layers::contains).isPresent();
    }
}
