package io.github.expogguf.nativelib;

import io.github.expogguf.text.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tensors of a model that llama.cpp says it leaves alone, which are those for multi-token prediction above all: it
 * says so with a warning for each ({@code llama_model_loader::create_tensor}, v0.5.0), again every time that the model
 * is loaded. Here they become one line.
 */
final class UnusedTensors {

    private static final Pattern LINE = Pattern.compile("model has unused tensor (.*?) \\(size = \\d+ bytes\\).*");

    private static final int SHOWN = 3;

    private static volatile String last = "";

    private final List<String> first = new ArrayList<>();
    private int count;

    /** Whether the line names such a tensor, and was counted. */
    synchronized boolean take(String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            return false;
        }
        if (count++ < SHOWN) {
            first.add(matcher.group(1));
        }
        return true;
    }

    /** How many and which; empty if there are none, or if that was the last thing said of any model. */
    synchronized Optional<String> line() {
        if (count == 0) {
            return Optional.empty();
        }
        String text = "llama.cpp does not use " + Words.plural(count, "tensor") + " of the model: "
                + String.join(", ", first) + (count > SHOWN ? " and " + (count - SHOWN) + " more" : "");
        boolean isSaid = text.equals(last);
        last = text;
        return isSaid ? Optional.empty() : Optional.of(text);
    }
}
