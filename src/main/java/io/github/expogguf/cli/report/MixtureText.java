package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Table;
import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.TensorNames;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.PlanOptions;
import io.github.expogguf.plan.options.SizeTarget;
import io.github.expogguf.plan.options.TensorTypeRule;
import io.github.expogguf.run.SizedMixture;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The types that were chosen for sizes, by kind of tensor and layer. */
public final class MixtureText {

    /** Nearer to the size that was asked for, nothing is said of it. */
    private static final double CLOSE = 0.005;

    private final Map<PlanOptions, SizedMixture> mixtures = new LinkedHashMap<>();

    /** Remembers what was found for one output. */
    public void add(SizedMixture mixture) {
        mixtures.put(mixture.options(), mixture);
    }

    /** Tensors of one kind that got one type. */
    private record Row(String kind, GgmlType type) {}

    /** What the output of a plan has of it, for people; nothing where no size was asked for. */
    public List<String> lines(Plan plan) {
        return Optional.ofNullable(mixtures.get(plan.options()))
                .map(mixture -> lines(mixture, plan))
                .orElse(List.of());
    }

    private static List<String> lines(SizedMixture mixture, Plan plan) {
        double loss = mixture.tensors().stream()
                .mapToDouble(SizedMixture.Chosen::loss)
                .sum();
        Map<Row, List<SizedMixture.Chosen>> rows = new LinkedHashMap<>();
        for (SizedMixture.Chosen tensor : mixture.tensors()) {
            String kind = TensorNames.inBlock(tensor.name())
                    .map(in -> in.part() + in.kind())
                    .orElse(tensor.name());
            rows.computeIfAbsent(new Row(kind.replaceFirst("\\.weight$", ""), tensor.type()), _ -> new ArrayList<>())
                    .add(tensor);
        }
        // kinds in the order of the model, the types of each from the smallest
        List<String> kinds = rows.keySet().stream().map(Row::kind).distinct().toList();
        List<Map.Entry<Row, List<SizedMixture.Chosen>>> sorted = rows.entrySet().stream()
                .sorted(Comparator.comparingInt(
                                (Map.Entry<Row, List<SizedMixture.Chosen>> row) -> kinds.indexOf(row.getKey().kind))
                        .thenComparingDouble(row -> row.getKey().type.bitsPerWeight()))
                .toList();
        Table table = new Table("kind", "type", ">error", ">loss", "layers");
        sorted.forEach(entry -> add(entry.getKey(), entry.getValue(), loss, table));
        List<String> lines = new ArrayList<>();
        lines.addAll(Columns.broken(
                "mixture for " + mixture.options().sizeTarget().orElseThrow().label()
                        + (mixture.options().alpha() == 0 ? "" : ", " + TrajectoryText.goal(mixture.options()))
                        + ": "
                        + Units.bytes(mixture.bytes()) + "; errors measured on a sample",
                Terminal.ofStdout().columns()));
        SizeTarget target = mixture.options().sizeTarget().orElseThrow();
        double reached = target.unit() == SizeTarget.Unit.BYTES ? mixture.bytes() : plan.bitsPerWeight();
        double missing = 1 - reached / target.amount();
        if (missing > CLOSE) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %s less than asked for: no type by which a tensor loses less fits in it",
                    percent(missing)));
        }
        table.fitting(Terminal.ofStdout().columns()).lines().forEach(lines::add);
        return lines;
    }

    private static void add(Row row, List<SizedMixture.Chosen> tensors, double loss, Table table) {
        double error = tensors.stream()
                .mapToDouble(SizedMixture.Chosen::error)
                .average()
                .orElse(0);
        double share = tensors.stream().mapToDouble(SizedMixture.Chosen::loss).sum() / loss;
        table.add(row.kind, row.type.toString(), percent(Math.sqrt(error)), percent(share), layers(tensors));
    }

    private static String percent(double share) {
        return Numbers.percent(share, 1);
    }

    /** Numbers of layers, those in a row as a range. */
    private static String layers(List<SizedMixture.Chosen> tensors) {
        List<Integer> numbers = tensors.stream()
                .flatMap(tensor -> TensorNames.inBlock(tensor.name()).stream())
                .map(TensorNames.InBlock::number)
                .sorted()
                .toList();
        StringBuilder text = new StringBuilder();
        for (int from = 0; from < numbers.size(); ) {
            int to = from;
            while (to + 1 < numbers.size() && numbers.get(to + 1) == numbers.get(to) + 1) {
                to++;
            }
            text.append(text.isEmpty() ? "" : ",").append(numbers.get(from));
            if (to > from) {
                text.append('-').append(numbers.get(to));
            }
            from = to + 1;
        }
        return text.toString();
    }

    /** Adds what the output of these options has of it; nothing where no size was asked for. */
    void addTo(JsonObject output, PlanOptions options) {
        SizedMixture mixture = mixtures.get(options);
        if (mixture == null) {
            return;
        }
        JsonArray tensors = new JsonArray();
        for (SizedMixture.Chosen tensor : mixture.tensors()) {
            JsonObject chosen = new JsonObject();
            chosen.addProperty("name", tensor.name());
            chosen.addProperty("type", tensor.type().toString());
            chosen.addProperty("error", tensor.error());
            chosen.addProperty("loss", tensor.loss());
            tensors.add(chosen);
        }
        JsonObject json = new JsonObject();
        json.addProperty("target", mixture.options().sizeTarget().orElseThrow().label());
        json.add(
                "rules",
                Json.strings(
                        options.tensorTypes().stream().map(TensorTypeRule::text).toList()));
        json.add("tensors", tensors);
        output.add("mixture", json);
    }
}
