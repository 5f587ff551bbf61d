package io.github.expogguf.cli.eval;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.option.ChatTemplateFlags;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Table;
import io.github.expogguf.infer.prompt.ChatTemplate;
import io.github.expogguf.text.Numbers;
import java.util.List;
import java.util.Optional;

/**
 * What was measured of a model.
 *
 * @param model    file name
 * @param alpha    weight of the delta, of a pair
 * @param template how prompts were written; empty if there were none
 * @param rows     measurements, in the order of the table
 */
record EvalReport(String model, Optional<Float> alpha, Optional<ChatTemplate> template, List<EvalRow> rows) {

    /** For people. */
    String text() {
        String title = Printable.message(model)
                + alpha.map(value -> " at alpha " + Numbers.brief(value)).orElse("");
        Table table = new Table("score", ">value", ">error", "", ">of");
        for (EvalRow row : rows) {
            table.add(row.name(), number(row.value()), number(row.error()), row.unit(), row.count());
        }
        return title + System.lineSeparator() + table;
    }

    /** Four digits, as far as they say something. */
    private static String number(double value) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        return Math.abs(value) < 1000 ? Numbers.fixed(value, 4) : Numbers.significant(value, 4);
    }

    JsonObject json() {
        JsonObject document = Json.document("eval");
        document.addProperty("model", model);
        alpha.ifPresentOrElse(
                value -> document.addProperty("alpha", Double.parseDouble(Float.toString(value))),
                () -> document.add("alpha", com.google.gson.JsonNull.INSTANCE));
        template.ifPresent(used -> document.add("template", ChatTemplateFlags.json(used)));
        JsonObject scores = new JsonObject();
        for (EvalRow row : rows) {
            JsonObject score = new JsonObject();
            score.add("value", Json.number(row.value()));
            score.add("error", Json.number(row.error()));
            score.addProperty("unit", row.unit());
            score.addProperty("of", row.count());
            scores.add(row.name(), score);
        }
        document.add("scores", scores);
        return document;
    }
}
