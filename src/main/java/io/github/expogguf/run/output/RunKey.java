package io.github.expogguf.run.output;

import java.util.List;
import java.util.Optional;

/**
 * Everything that decides the bytes of an output file, as lines that name it: two runs with the same lines write the
 * same bytes.
 *
 * @param lines in a fixed order
 */
record RunKey(List<Line> lines) {

    /**
     * One thing.
     *
     * @param what  its name, for messages
     * @param value without line breaks
     */
    record Line(String what, String value) {

        Line {
            if ((what + value).contains("\n") || what.contains("\t")) {
                throw new IllegalArgumentException("a line break or tab in " + what + ": " + value);
            }
        }
    }

    RunKey {
        lines = List.copyOf(lines);
    }

    /** The lines as a text, which {@link #difference} reads. */
    String text() {
        StringBuilder text = new StringBuilder();
        lines.forEach(
                line -> text.append(line.what).append('\t').append(line.value).append('\n'));
        return text.toString();
    }

    /** What is not as in an earlier run's text, in words; empty if all is the same. */
    Optional<String> difference(String earlier) {
        List<String> before = earlier.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            Line now = lines.get(i);
            if (i == before.size()) {
                return Optional.of("it said nothing of " + now.what);
            }
            String[] then = before.get(i).split("\t", 2);
            if (then.length < 2 || !then[0].equals(now.what)) {
                return Optional.of("it had " + then[0] + " in the place of " + now.what);
            }
            if (!then[1].equals(now.value)) {
                return Optional.of(now.what + " is " + now.value + ", was " + then[1]);
            }
        }
        return before.size() > lines.size()
                ? Optional.of("it had " + before.get(lines.size()).split("\t")[0] + ", which this run has not")
                : Optional.empty();
    }
}
