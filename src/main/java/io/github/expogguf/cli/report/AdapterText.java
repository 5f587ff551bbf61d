package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Console;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Printable;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.plan.task.AdapterSummary;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What adapters hold, for people and for programs. */
public final class AdapterText {

    private AdapterText() {}

    /** As in {@code 4 tensors in factors of rank 8 to 16 (alpha 16, scale 1 to 2), 5 whole tensors}. */
    static String contents(AdapterSummary adapter) {
        List<String> parts = new ArrayList<>();
        if (adapter.factored() > 0) {
            parts.add(Units.count(adapter.factored(), "tensor") + " in factors of rank "
                    + range(adapter.minRank(), adapter.maxRank()) + " (" + alpha(adapter) + ", scale " + scales(adapter)
                    + ")");
        }
        if (adapter.whole() > 0) {
            parts.add(Units.count(adapter.whole(), "whole tensor"));
        }
        return parts.isEmpty() ? "no tensors" : String.join(", ", parts);
    }

    /** Prints a line for each adapter that is worth a word. */
    public static void note(Console console, List<AdapterSummary> adapters) {
        remarks(adapters).forEach(remark -> console.remark(remark.weight(), Printable.line(remark.text())));
    }

    /** One for each adapter that is worth a word. */
    static List<Remark> remarks(List<AdapterSummary> adapters) {
        return adapters.stream().flatMap(adapter -> doubt(adapter).stream()).toList();
    }

    private static Optional<Remark> doubt(AdapterSummary adapter) {
        if (!adapter.isDoubtful()) {
            return Optional.empty();
        }
        String start = "the scale of the adapter " + Escape.quote(adapter.name()) + " is doubtful: " + alpha(adapter)
                + ", rank "
                + range(adapter.minRank(), adapter.maxRank()) + ", so its factors count " + scales(adapter)
                + " times (usual are " + AdapterSummary.MIN_USUAL_SCALE + " to "
                + number(AdapterSummary.MAX_USUAL_SCALE)
                + ")";
        String root = number(Math.sqrt((double) adapter.maxRank()));
        return Optional.of(new Remark(
                Remark.Weight.WARNING,
                start + "; rsLoRA and alpha_pattern lose theirs when they are converted: --adapter FILE=" + root
                        + " (the root of the rank) brings that of an rsLoRA back"));
    }

    static JsonArray json(List<AdapterSummary> adapters) {
        JsonArray array = new JsonArray();
        adapters.forEach(adapter -> array.add(json(adapter)));
        return array;
    }

    static JsonObject json(AdapterSummary adapter) {
        JsonObject object = new JsonObject();
        object.addProperty("name", adapter.name());
        object.addProperty("weight", adapter.weight());
        object.addProperty("alpha", adapter.alpha());
        object.addProperty("minRank", adapter.minRank());
        object.addProperty("maxRank", adapter.maxRank());
        if (adapter.factored() > 0) {
            object.add("minScale", Json.number(adapter.minScale()));
            object.add("maxScale", Json.number(adapter.maxScale()));
        }
        object.addProperty("factored", adapter.factored());
        object.addProperty("whole", adapter.whole());
        object.addProperty("doubtfulScale", adapter.isDoubtful());
        return object;
    }

    private static String alpha(AdapterSummary adapter) {
        return adapter.alpha() == 0 ? "no alpha" : "alpha " + number(adapter.alpha());
    }

    private static String scales(AdapterSummary adapter) {
        String least = number(adapter.minScale());
        String most = number(adapter.maxScale());
        return least.equals(most) ? least : least + " to " + most;
    }

    private static String range(long least, long most) {
        return least == most ? Units.count(least) : Units.count(least) + " to " + Units.count(most);
    }

    /** Four significant digits. */
    private static String number(double value) {
        return Numbers.withoutZeros(Numbers.significant(value, 4));
    }
}
