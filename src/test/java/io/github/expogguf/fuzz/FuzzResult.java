package io.github.expogguf.fuzz;

import java.util.List;
import java.util.Locale;

/**
 * What came of fuzzing one target.
 *
 * @param target     the target
 * @param seconds    how long it ran
 * @param executions inputs that were tried
 * @param findings   files that hold an input which broke a promise, and how, or how the process ended
 */
record FuzzResult(FuzzTarget target, long seconds, long executions, List<String> findings) {

    boolean isFinding() {
        return !findings.isEmpty();
    }

    /** One line, and one for each finding. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%s: %,d executions in %,d s, %d findings", target.label(), executions, seconds, findings.size()));
        findings.forEach(finding -> text.append("\n  ").append(finding));
        return text.toString();
    }
}
