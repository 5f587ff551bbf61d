package io.github.expogguf.fuzz;

import java.util.List;
import java.util.Locale;

/**
 * What came of fuzzing one target.
 *
 * @param target     the target
 * @param seconds    how long it ran
 * @param executions inputs that were tried
 * @param suspects   inputs that broke a promise under the fuzzer, whose instruments take time and memory, too
 * @param findings   those of them that break one without it, and how; or how the process ended
 */
record FuzzResult(FuzzTarget target, long seconds, long executions, int suspects, List<String> findings) {

    boolean isFinding() {
        return !findings.isEmpty();
    }

    /** One line, and one for each finding. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s: %,d executions in %,d s, %d findings",
                target.label(),
                executions,
                seconds,
                findings.size()));
        if (suspects > 0) {
            text.append(" (").append(suspects).append(" suspected under the fuzzer's instruments)");
        }
        findings.forEach(finding -> text.append("\n  ").append(finding));
        return text.toString();
    }
}
