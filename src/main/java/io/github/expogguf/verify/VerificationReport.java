package io.github.expogguf.verify;

import io.github.expogguf.plan.recipe.Recipe;
import io.github.expogguf.text.Elements;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@link Verifier} saw.
 *
 * @param file       the file, or the shard of a set, that was named
 * @param tensors    tensors that were looked at
 * @param recipe     how the file says it was made; empty if it does not say, or is too broken to
 * @param recomputed whether every tensor was computed again from the inputs and compared byte for byte
 * @param checks     how each check ended
 * @param findings   what is wrong; empty if nothing is
 * @param notes      what differs without being wrong, since another version of llama.cpp made the file
 */
public record VerificationReport(
        Path file,
        int tensors,
        Optional<Recipe> recipe,
        boolean recomputed,
        Map<Check, Check.Outcome> checks,
        List<Finding> findings,
        List<Finding> notes) {

    /** Copies the collections. */
    public VerificationReport {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(recipe, "recipe");
        Elements.require(checks, "checks");
        Map<Check, Check.Outcome> ordered = new EnumMap<>(Check.class);
        ordered.putAll(checks);
        checks = Collections.unmodifiableMap(ordered);
        findings = Elements.copy(findings, "findings");
        notes = Elements.copy(notes, "notes");
    }

    /** {@return whether nothing is wrong} */
    public boolean passed() {
        return findings.isEmpty();
    }
}
