package io.github.expogguf.convert.peft;

import io.github.expogguf.convert.config.ModelNumbers;
import io.github.expogguf.convert.gather.Gathering;
import io.github.expogguf.convert.gather.Part;
import io.github.expogguf.convert.rule.Formula;
import io.github.expogguf.convert.rule.NumberSource;
import io.github.expogguf.convert.rule.RuleBook;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Where in a model some tensors of its checkpoint belong, by names and shapes alone: each to the tensor whose rules
 * have it first. What stays in doubt is a problem, never a guess.
 */
final class PeftPlaces {

    /** @param order of the rule among those for the tensor */
    private record Place(TensorInfo tensor, Gathering gathering, int order) {

        /** Whether all of a source is in this tensor, so that it is in no other. */
        boolean takesAllOf(String source, long elements) {
            return gathering.parts().stream()
                            .filter(part -> part.source().equals(source))
                            .mapToLong(part -> part.view().elementCount())
                            .sum()
                    == elements;
        }
    }

    private final ModelHeader base;
    private final NumberSource numbers;
    private final Map<String, List<Formula>> formulas = new LinkedHashMap<>(); // by the model's tensors
    private final List<String> problems;
    private final Set<String> doubted = new HashSet<>();

    /** @param problems takes what is in doubt */
    PeftPlaces(ModelHeader base, NumberSource numbers, List<String> problems) {
        this.base = base;
        this.numbers = numbers;
        this.problems = problems;
        RuleBook rules = RuleBook.of(base.metadata().architecture());
        base.tensors().forEach(tensor -> formulas.put(tensor.name(), rules.formulas(tensor.name())));
    }

    /** Names in the checkpoint for which there is more than one place. */
    Set<String> doubted() {
        return doubted;
    }

    /**
     * The model's tensors that are made of some others.
     *
     * @param shapes     of those, by their names in the checkpoint
     * @param mayMissOne whether one of those that a tensor is made of may not be there
     */
    Map<TensorInfo, Gathering> find(Function<String, Optional<long[]>> shapes, boolean mayMissOne) {
        List<Place> places = new ArrayList<>();
        Map<String, List<Place>> bySource = new LinkedHashMap<>();
        for (TensorInfo tensor : base.tensors()) {
            place(tensor, shapes, mayMissOne).ifPresent(places::add);
        }
        for (Place place : places) {
            place.gathering.parts().stream()
                    .map(Part::source)
                    .distinct()
                    .filter(source ->
                            shapes.apply(source).isPresent() && place.takesAllOf(source, elements(shapes, source)))
                    .forEach(source -> bySource.computeIfAbsent(source, _ -> new ArrayList<>())
                            .add(place));
        }
        bySource.forEach((source, rivals) -> places.removeAll(losers(source, rivals)));
        Map<TensorInfo, Gathering> found = new LinkedHashMap<>();
        places.forEach(place -> found.put(place.tensor, place.gathering));
        return found;
    }

    /** The model's tensor that a source, if it had the tensor's rows and columns, would be. */
    Optional<TensorInfo> tensorOf(String source) {
        return base.tensors().stream()
                .filter(tensor -> formulas.getOrDefault(tensor.name(), List.of()).stream()
                        .anyMatch(formula -> isMadeOf(tensor, formula, source)))
                .findFirst();
    }

    private boolean isMadeOf(TensorInfo tensor, Formula formula, String source) {
        if (!formula.sources(numbers).contains(List.of(source))) {
            return false;
        }
        long columns = tensor.shape().rowLength();
        long[] shape = {tensor.shape().elementCount() / columns, columns};
        return formula.bind(
                        tensor.shape().elementCount(),
                        name -> name.equals(source) ? Optional.of(shape) : Optional.empty(),
                        numbers)
                .isPresent();
    }

    /** Whether the model has a tensor that is made of one of a module whose name ends so. */
    boolean hasModule(String end) {
        return base.tensors().stream()
                .flatMap(tensor -> formulas.getOrDefault(tensor.name(), List.of()).stream())
                .flatMap(formula -> formula.sources(numbers).stream())
                .flatMap(List::stream)
                .anyMatch(source -> PeftTensors.isOfModule(source, end));
    }

    private static long elements(Function<String, Optional<long[]>> shapes, String source) {
        return LongStream.of(shapes.apply(source).orElseThrow()).reduce(1, Math::multiplyExact);
    }

    /** An embedding is no output, though that may have been made of it, and a norm is one of several. */
    private List<Place> losers(String source, List<Place> rivals) {
        int first = rivals.stream().mapToInt(Place::order).min().orElseThrow();
        List<Place> winners =
                rivals.stream().filter(place -> place.order == first).toList();
        if (winners.size() > 1) {
            doubted.add(source);
            problems.add("tensor " + Escape.quote(source) + " of the base may have become any of "
                    + String.join(
                            ", ",
                            winners.stream().map(place -> place.tensor.name()).toList())
                    + ", and names alone do not tell which");
            return rivals;
        }
        return rivals.stream().filter(place -> place.order != first).toList();
    }

    private Optional<Place> place(TensorInfo tensor, Function<String, Optional<long[]>> shapes, boolean mayMissOne) {
        List<Formula> ways = formulas.getOrDefault(tensor.name(), List.of());
        for (int order = 0; order < ways.size(); order++) {
            Formula formula = ways.get(order);
            Asked asked = new Asked(shapes);
            Optional<Gathering> gathering = formula.bind(tensor.shape().elementCount(), asked::shape, asked::number);
            if (gathering.isEmpty() && mayMissOne) {
                gathering = withoutOne(tensor, formula, shapes);
            }
            if (gathering.isPresent()) {
                return Optional.of(new Place(tensor, gathering.get(), order));
            }
            if (asked.hasShape && !asked.missing.isEmpty()) {
                problems.add("tensor " + Escape.quote(tensor.name()) + " is made by " + Escape.quote(formula.text())
                        + ", and " + asked.missing + " is not known: it stands in the base model's config.json,"
                        + " which can be put beside adapter_config.json");
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** With one source that is not there, and has the rows that those which are there leave. */
    private Optional<Gathering> withoutOne(
            TensorInfo tensor, Formula formula, Function<String, Optional<long[]>> shapes) {
        for (List<String> sources : formula.sources(numbers)) {
            List<String> absent = sources.stream()
                    .filter(source -> shapes.apply(source).isEmpty())
                    .toList();
            if (absent.size() == 1 && sources.size() > 1) {
                long rows = tensor.shape().elementCount() / tensor.shape().rowLength();
                for (String source : sources) {
                    rows -= shapes.apply(source).map(shape -> shape[0]).orElse(0L);
                }
                long[] shape = {rows, tensor.shape().rowLength()};
                return rows <= 0
                        ? Optional.empty()
                        : formula.bind(
                                tensor.shape().elementCount(),
                                source -> source.equals(absent.getFirst()) ? Optional.of(shape) : shapes.apply(source),
                                numbers);
            }
        }
        return Optional.empty();
    }

    /** What a rule asks for. */
    private final class Asked {

        private final Function<String, Optional<long[]>> shapes;
        private boolean hasShape;
        private String missing = "";

        Asked(Function<String, Optional<long[]>> shapes) {
            this.shapes = shapes;
        }

        Optional<long[]> shape(String source) {
            Optional<long[]> shape = shapes.apply(source);
            hasShape |= shape.isPresent();
            return shape;
        }

        OptionalDouble number(String key, int index) {
            OptionalDouble number = numbers.number(key, index);
            if (number.isEmpty() && key.startsWith(ModelNumbers.CONFIG)) {
                missing = key.substring(ModelNumbers.CONFIG.length());
            }
            return number;
        }
    }
}
