package io.github.expogguf.cli.report;

import io.github.expogguf.cli.report.CommandWords.Kind;
import io.github.expogguf.cli.report.CommandWords.Part;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Options of which a command takes one, or one of them once, with the command lines that it does take. */
final class ExcludingWords {

    private static final String GIVE_ONE = ": give one or the other:";

    private final CommandWords words;

    private ExcludingWords(CommandWords words) {
        this.words = words;
    }

    /** What is wrong with an option by itself; empty where nothing is. */
    static Optional<String> ofOne(CommandWords words) {
        ExcludingWords excluding = new ExcludingWords(words);
        return excluding.withoutValue().or(excluding::repeated);
    }

    /** Options that do not go together; empty where all do. */
    static Optional<String> ofSeveral(CommandWords words) {
        return new ExcludingWords(words).excluding();
    }

    /** An option whose value is another option, or nothing at all. */
    private Optional<String> withoutValue() {
        for (int place = 0; place < words.parts().size(); place++) {
            Part part = words.parts().get(place);
            if (part.option().isPresent()
                    && part.option().get().arity().min() > 0
                    && part.value().isEmpty()) {
                boolean isLast = place + 1 == words.parts().size();
                return Optional.of(part.name() + " takes a value, "
                        + part.option().get().paramLabel() + ", and "
                        + (isLast
                                ? "there is none behind it"
                                : Escape.quote(words.parts().get(place + 1).name()) + " stands in its place"));
            }
        }
        return Optional.empty();
    }

    /** An option that is there twice, and takes one value. */
    private Optional<String> repeated() {
        for (OptionSpec option : words.spec().options()) {
            List<Integer> places = words.placesOf(option);
            if (places.size() < 2 || option.isMultiValue()) {
                continue;
            }
            List<Part> parts =
                    places.stream().map(place -> words.parts().get(place)).toList();
            List<String> values = parts.stream()
                    .flatMap(part -> part.value().stream())
                    .distinct()
                    .toList();
            String name = parts.getFirst().name();
            return Optional.of(
                    values.size() < 2
                            ? name + " is given more than once: "
                                    + words.commandWithout(places.subList(1, places.size()))
                            : name + " takes one value, and there are " + values.size() + ": " + Names.quoted(values)
                                    + "; name the one that is meant" + asPair(option, places));
        }
        return Optional.empty();
    }

    /** Two models under one name are a pair, most likely. */
    private String asPair(OptionSpec option, List<Integer> places) {
        boolean isModel = Stream.of("--sft", "-m")
                .anyMatch(name -> option.equals(words.spec().optionsMap().get(name)));
        boolean takesPair = words.spec().optionsMap().containsKey("--sft")
                && words.spec().optionsMap().containsKey("--aligned");
        if (places.size() != 2 || !isModel || !takesPair || words.has("--aligned", "--adapter", "--checkpoint")) {
            return "";
        }
        return ", or both as a pair: "
                + words.command(place -> {
                    Part part = words.parts().get(place);
                    int at = places.indexOf(place);
                    return at < 0
                            ? part.words()
                            : List.of(
                                    at == 0 ? "--sft" : "--aligned",
                                    part.value().orElse(""));
                });
    }

    private Optional<String> excluding() {
        for (ArgGroupSpec group : words.spec().argGroups()) {
            if (!group.exclusive()) {
                continue;
            }
            List<Integer> ofPair = group.subgroups().stream()
                    .flatMap(pair -> pair.allOptionsNested().stream())
                    .flatMap(option -> words.placesOf(option).stream())
                    .sorted()
                    .toList();
            List<List<Integer>> single = group.args().stream()
                    .map(words::placesOf)
                    .filter(places -> !places.isEmpty())
                    .toList();
            if (!ofPair.isEmpty() && !single.isEmpty()) {
                return Optional.of(
                        modelAndPair(single.stream().flatMap(List::stream).toList(), ofPair));
            }
            if (single.size() > 1) {
                return Optional.of(oneOf(single));
            }
        }
        return Optional.empty();
    }

    private String oneOf(List<List<Integer>> alternatives) {
        String names = alternatives.stream()
                .map(places -> words.parts().get(places.getFirst()))
                .map(part -> part.kind() == Kind.ALONE ? Escape.quote(part.name()) : part.name())
                .collect(Collectors.joining(" and "));
        return names + " exclude each other" + GIVE_ONE
                + alternatives.stream()
                        .map(kept -> alternatives.stream()
                                .filter(other -> !other.equals(kept))
                                .flatMap(List::stream)
                                .toList())
                        .map(others -> "\n  " + words.commandWithout(others))
                        .collect(Collectors.joining());
    }

    private String modelAndPair(List<Integer> models, List<Integer> ofPair) {
        Part first = words.parts().get(models.getFirst());
        List<String> names = ofPair.stream()
                .map(place -> words.parts().get(place).name())
                .distinct()
                .toList();
        String what = (first.kind() == Kind.ALONE ? Escape.quote(first.name()) : first.name()) + " is one model, and "
                + Names.list(names) + (names.size() == 1 ? " is" : " are") + " of a pair";
        if (words.has("--guide")) {
            return what + "; the alpha of a guide is the last part of --guide SFT2,ALIGNED2,X";
        }
        return what + GIVE_ONE + asPair(models).map(pair -> "\n  " + pair).orElse("") + "\n  "
                + words.commandWithout(ofPair);
    }

    /** With the model in the place of what a pair lacks; empty where that is more than the SFT model. */
    private Optional<String> asPair(List<Integer> models) {
        if (words.has("--to") && !words.has("--checkpoint")) {
            return Optional.empty();
        }
        boolean hasSft = words.has("--sft");
        boolean hasAligned = words.has("--aligned", "--adapter");
        if ((hasSft && hasAligned) || words.has("--checkpoint")) {
            return Optional.of(words.commandWithout(models));
        }
        String model = Optional.of(words.parts().get(models.getFirst()))
                .map(part ->
                        part.kind() == Kind.ALONE ? part.name() : part.value().orElse("FILE"))
                .orElseThrow();
        List<String> named = new ArrayList<>();
        if (!hasSft && !hasAligned) {
            named.addAll(List.of("--sft", "SFT.gguf"));
        }
        named.addAll(List.of(hasAligned ? "--sft" : "--aligned", model));
        return Optional.of(words.command(place -> place == models.getFirst()
                ? named
                : models.contains(place) ? List.of() : words.parts().get(place).words()));
    }
}
