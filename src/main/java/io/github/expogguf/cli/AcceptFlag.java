package io.github.expogguf.cli;

import io.github.expogguf.gguf.Escape;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Hyper-parameters that the models of a pair may have different values of. */
final class AcceptFlag {

    static final String NAME = "--accept-difference";

    @Option(
            names = NAME,
            paramLabel = "KEY",
            order = 19,
            description = "Go on where the models differ in this key, with the aligned model's value. May be repeated.")
    private Set<String> keys = new LinkedHashSet<>();

    /** As they stand in the files. */
    Set<String> keys() {
        return keys;
    }

    /** What to do about keys that alone keep two models from being a pair. */
    static String hint(List<String> differing) {
        return "to go on with the aligned model's " + (differing.size() == 1 ? "value" : "values") + ": "
                + differing.stream().map(key -> NAME + " " + Escape.text(key)).collect(Collectors.joining(" "));
    }
}
