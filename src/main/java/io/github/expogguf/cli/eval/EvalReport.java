package io.github.expogguf.cli.eval;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.github.expogguf.cli.option.ChatTemplateFlags;
import io.github.expogguf.cli.option.model.RunInputs;
import io.github.expogguf.cli.report.TrajectoryText;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Csv;
import io.github.expogguf.cli.terminal.InputDigest;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Table;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was measured of a model.
 *
 * @param model    file name
 * @param prediction of a step, where the model is the last of several checkpoints
 * @param way      what was done with logits in place of weights: {@code logits} or {@code guided}
 * @param inputs   what the model was made of, and how, by name
 * @param template how prompts were written; empty if there were none
 * @param seeds    answers to each prompt
 * @param measured one of a model, one for each alpha of a pair, with the same scores in the same order
 */
record EvalReport(
        String model,
        Optional<Prediction> prediction,
        Optional<String> way,
        Map<String, String> inputs,
        Optional<ChatTemplate> template,
        int seeds,
        List<Measured> measured) {

    private static final Set<String> ORIGIN = Set.of("sft", "weights");

    /**
     * A step of training.
     *
     * @param to    that is predicted
     * @param steps of the checkpoints that it is predicted from
     */
    record Prediction(double to, List<Double> steps) {

        private String text() {
            return TrajectoryText.prediction(to, steps);
        }
    }

    /**
     * The scores of one model.
     *
     * @param alpha weight of the delta, of a pair
     * @param rows  measurements, in the order of the table
     */
    record Measured(Optional<Float> alpha, List<EvalRow> rows) {

        private String alphaText() {
            return alpha.map(Numbers::brief).orElse("");
        }
    }

    /**
     * For people.
     *
     * @param columns of the terminal
     */
    String text(int columns) {
        String done = prediction.map(step -> ", " + step.text() + ",").orElse("")
                + way.map(word -> ", " + word).orElse("");
        return line(Printable.message(model) + done + (measured.size() == 1 ? ofOne() : ofSeveral()), columns)
                + origin(columns)
                + (measured.size() == 1 ? one(measured.getFirst()).fitting(columns) : several(columns))
                + drawn();
    }

    private static String line(String text, int columns) {
        return Columns.broken(text, columns).stream()
                .map(line -> line + System.lineSeparator())
                .collect(Collectors.joining());
    }

    private String ofOne() {
        return measured.getFirst().alpha().isEmpty()
                ? ""
                : " at alpha " + measured.getFirst().alphaText();
    }

    private String ofSeveral() {
        String counts = measured.getFirst().rows().stream()
                .map(EvalRow::count)
                .distinct()
                .collect(Collectors.joining(", "));
        return " at " + measured.size() + " alphas; " + counts;
    }

    /** What stands behind the name of the model, where it is in no file. */
    private String origin(int columns) {
        boolean isGuided = inputs.containsKey("model"); // the pair is another than the model
        String from = inputs.entrySet().stream()
                .filter(input -> (isGuided && input.getKey().equals("aligned"))
                        || (ORIGIN.contains(input.getKey()) && !input.getValue().equals(RunInputs.AS_ALIGNED)))
                .map(input -> input.getKey() + " " + withoutDigest(input.getValue()))
                .collect(Collectors.joining(", "));
        return from.isEmpty() ? "" : line(Printable.message(from), columns);
    }

    private static String withoutDigest(String input) {
        return input.replaceFirst(" \\(" + InputDigest.FINGERPRINT + " .*\\)$", "");
    }

    /** What several seeds had a part in. */
    private String drawn() {
        if (seeds == 1) {
            return "";
        }
        boolean isAll = measured.getFirst().rows().stream()
                .allMatch(row -> row.betweenSeeds().isPresent());
        return seeds + " answers to each prompt"
                + (isAll ? "." : "; scores without seeds draw nothing, measured once.")
                + System.lineSeparator();
    }

    private Table one(Measured measured) {
        List<String> headings = new ArrayList<>(List.of("score", ">value", ">error"));
        if (seeds > 1) {
            headings.add(">seeds");
        }
        headings.addAll(List.of("", ">of"));
        Table table = new Table(headings.toArray(String[]::new));
        for (EvalRow row : measured.rows()) {
            List<String> cells = new ArrayList<>(List.of(row.name()));
            cells.addAll(numbers(row));
            if (seeds > 1 && row.betweenSeeds().isEmpty()) {
                cells.add("-");
            }
            cells.addAll(List.of(row.unit(), row.count()));
            table.add(cells.toArray(String[]::new));
        }
        return table;
    }

    /** A line for each alpha, with as many scores beside each other as the terminal has room for. */
    private String several(int columns) {
        List<EvalRow> scores = measured.getFirst().rows();
        StringBuilder text = new StringBuilder();
        for (int from = 0; from < scores.size(); ) {
            int to = from + 1;
            while (to < scores.size() && width(from, to + 1) <= columns) {
                to++;
            }
            text.append(from == 0 ? "" : System.lineSeparator()).append(table(from, to));
            from = to;
        }
        return text.toString();
    }

    private int width(int from, int to) {
        return table(from, to).lines().mapToInt(String::length).max().orElse(0);
    }

    private String table(int from, int to) {
        Stream<String> headings = measured.getFirst().rows().subList(from, to).stream()
                .flatMap(row -> row.betweenSeeds().isEmpty()
                        ? Stream.of(">" + row.name(), ">error")
                        : Stream.of(">" + row.name(), ">error", ">seeds"));
        Table table = new Table(Stream.concat(Stream.of(">alpha"), headings).toArray(String[]::new));
        for (Measured each : measured) {
            Stream<String> numbers = each.rows().subList(from, to).stream().flatMap(row -> numbers(row).stream());
            table.add(Stream.concat(Stream.of(each.alphaText()), numbers).toArray(String[]::new));
        }
        return table.toString();
    }

    private static List<String> numbers(EvalRow row) {
        List<String> numbers = new ArrayList<>(List.of(number(row.value()), number(row.error())));
        row.betweenSeeds().ifPresent(spread -> numbers.add(number(spread)));
        return numbers;
    }

    /** Four digits, as far as they say something. */
    private static String number(double value) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        double shown = Math.abs(value) < 0.00005 ? 0 : value; // no -0.0000
        return Math.abs(shown) < 1000 ? Numbers.fixed(shown, 4) : Numbers.significant(shown, 4);
    }

    /** As comma-separated values, a line per alpha; no value holds a comma or a quotation mark. */
    String csv() {
        List<String> headings = new ArrayList<>(List.of("alpha"));
        for (EvalRow row : measured.getFirst().rows()) {
            String name = row.name().replace('-', '_');
            headings.addAll(List.of(name, name + "_error"));
            row.betweenSeeds().ifPresent(_ -> headings.add(name + "_between_seeds"));
        }
        StringBuilder text = new StringBuilder(String.join(",", headings)).append('\n');
        for (Measured each : measured) {
            List<String> cells = new ArrayList<>(List.of(each.alphaText()));
            for (EvalRow row : each.rows()) {
                cells.addAll(List.of(Csv.number(row.value()), Csv.number(row.error())));
                row.betweenSeeds().ifPresent(spread -> cells.add(Csv.number(spread)));
            }
            text.append(String.join(",", cells)).append('\n');
        }
        return text.toString();
    }

    /** One model is the document, several alphas are an array in it. */
    JsonObject json() {
        JsonObject document = Json.document("eval");
        document.addProperty("model", model);
        prediction.ifPresent(step -> {
            document.addProperty("toStep", step.to());
            JsonArray steps = new JsonArray();
            step.steps().forEach(steps::add);
            document.add("checkpointSteps", steps);
        });
        way.ifPresent(word -> document.addProperty(word, true));
        if (seeds > 1) {
            document.addProperty("seeds", seeds);
        }
        boolean isOne = measured.size() == 1;
        if (isOne) {
            document.add("alpha", alpha(measured.getFirst()));
        }
        document.add("inputs", Json.tree(inputs));
        template.ifPresent(used -> document.add("template", ChatTemplateFlags.json(used)));
        if (isOne) {
            document.add("scores", scores(measured.getFirst()));
            return document;
        }
        JsonArray evaluations = new JsonArray();
        for (Measured each : measured) {
            JsonObject evaluation = new JsonObject();
            evaluation.add("alpha", alpha(each));
            evaluation.add("scores", scores(each));
            evaluations.add(evaluation);
        }
        document.add("evaluations", evaluations);
        return document;
    }

    private static JsonElement alpha(Measured measured) {
        return measured.alpha().isEmpty()
                ? JsonNull.INSTANCE
                : new JsonPrimitive(
                        Double.parseDouble(Float.toString(measured.alpha().get())));
    }

    private static JsonObject scores(Measured measured) {
        JsonObject scores = new JsonObject();
        for (EvalRow row : measured.rows()) {
            JsonObject score = new JsonObject();
            score.add("value", Json.numberOrNull(row.value()));
            score.add("error", Json.numberOrNull(row.error()));
            row.betweenSeeds().ifPresent(spread -> score.add("betweenSeeds", Json.numberOrNull(spread)));
            score.addProperty("unit", row.unit());
            score.addProperty("of", row.count());
            scores.add(row.name(), score);
        }
        return scores;
    }
}
