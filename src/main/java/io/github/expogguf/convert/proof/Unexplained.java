package io.github.expogguf.convert.proof;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.gguf.ModelHeader;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Tensors of a template that nothing in a checkpoint explains, each with what may help. */
final class Unexplained {

    private static final int MOST_LISTED = 8;

    /** What to do where all that is unexplained is so for one reason. */
    enum WayOut {
        ANOTHER_MODEL("the two are no pair: the aligned model must have been trained from this very SFT model"),
        ANOTHER_TEMPLATE("the template must be a GGUF of this very model, of any type; llama.cpp's"
                + " convert_hf_to_gguf.py makes one of a folder"),
        TOKENIZER_MISSING("rows are matched by their tokens: download tokenizer.json, too, into the same folder"),
        ANOTHER_TOKENIZER("rows are matched by their tokens: download tokenizer.json again, as it was published with"
                + " these weights"),
        OTHER_SCALES("but for their scales the weights are these: download *.safetensors and config.json again, all of"
                + " one revision, or take the folder that it was quantized from");

        private final String text;

        WayOut(String text) {
            this.text = text;
        }

        /** Whether it is the model that is wrong, from which all else may follow. */
        private boolean isOfAll() {
            return this == ANOTHER_MODEL || this == ANOTHER_TEMPLATE;
        }
    }

    private final List<String> problems = new ArrayList<>();
    private final Set<WayOut> waysOut = EnumSet.noneOf(WayOut.class);

    void add(String problem, WayOut wayOut) {
        problems.add(problem);
        waysOut.add(wayOut);
    }

    boolean isEmpty() {
        return problems.isEmpty();
    }

    /** @param name of the checkpoint */
    ModelMismatchException refusal(String name, ModelHeader template) {
        StringBuilder message = new StringBuilder(name + " does not hold the weights of " + template.name() + ": "
                + problems.size() + " of " + template.tensors().size() + " tensors are not explained");
        problems.stream()
                .limit(MOST_LISTED)
                .forEach(problem -> message.append("\n  ").append(problem));
        if (problems.size() > MOST_LISTED) {
            message.append("\n  and ").append(problems.size() - MOST_LISTED).append(" more");
        }
        boolean isOfAll = waysOut.stream().anyMatch(WayOut::isOfAll);
        message.append(waysOut.stream()
                .filter(wayOut -> wayOut.isOfAll() == isOfAll)
                .map(wayOut -> "\n" + wayOut.text)
                .collect(Collectors.joining()));
        return new ModelMismatchException(message.toString(), problems);
    }
}
