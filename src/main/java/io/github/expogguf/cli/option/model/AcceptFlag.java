package io.github.expogguf.cli.option.model;

import io.github.expogguf.cli.report.Failures;
import java.util.LinkedHashSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** Hyper-parameters that the models of a pair may have different values of. */
public final class AcceptFlag {

    @Option(
            names = Failures.ACCEPT_DIFFERENCE,
            paramLabel = "KEY",
            order = 19,
            description = "Go on where the models differ in this key, with the aligned model's value. May be repeated.")
    private Set<String> keys = new LinkedHashSet<>();

    /** As they stand in the files. */
    public Set<String> keys() {
        return keys;
    }
}
