package io.github.expogguf.cli.report;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.plan.options.Rounding;
import io.github.expogguf.plan.task.TensorTask;
import io.github.expogguf.quant.LevelGrowth;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How tensors are rounded, where that is not to nearest. */
final class RoundingNotes {

    private RoundingNotes() {}

    /** What nobody asked for, once for all tensors that it happens to. */
    static List<String> of(Plan plan) {
        List<String> notes = new ArrayList<>();
        if (plan.options().rounding().isPresent()) {
            return notes;
        }
        int stochastic = 0;
        Map<GgmlType, Integer> divided = new TreeMap<>();
        for (TensorTask task : plan.tasks()) {
            if (task instanceof TensorTask.Extrapolate pair) {
                switch (pair.rounding()) {
                    case Rounding.Nearest _ -> {}
                    case Rounding.Stochastic _ -> stochastic++;
                    case Rounding.Divided _ -> divided.merge(pair.targetType(), 1, Integer::sum);
                }
            }
        }
        if (stochastic > 0) {
            notes.add(Units.count(stochastic, "tensor") + (stochastic == 1 ? " stays" : " stay")
                    + " BF16, as no --type was given, and " + (stochastic == 1 ? "is" : "are")
                    + " rounded stochastically (seed 0), so that steps below BF16's resolution arrive in the mean; --type F32"
                    + " or F16 holds them better");
        }
        divided.forEach(
                (type, count) -> notes.add(Units.count(count, "tensor") + (count == 1 ? " stays " : " stay ") + type
                        + ", which makes weights larger each time: what is quantized is divided by "
                        + Numbers.brief(LevelGrowth.factor(type)) + " first"));
        return notes;
    }

    /** For a table of tensors. */
    static String label(TensorTask task) {
        return task instanceof TensorTask.Extrapolate pair
                ? switch (pair.rounding()) {
                    case Rounding.Nearest _ -> "";
                    case Rounding.Stochastic _ -> ", stochastic";
                    case Rounding.Divided(float divisor) -> ", / " + Numbers.brief(divisor);
                }
                : "";
    }

    /** For programs. */
    static void addTo(JsonObject tensor, TensorTask task) {
        if (task instanceof TensorTask.Extrapolate pair) {
            switch (pair.rounding()) {
                case Rounding.Nearest _ -> tensor.addProperty("rounding", "nearest");
                case Rounding.Stochastic(long seed) -> {
                    tensor.addProperty("rounding", "stochastic");
                    tensor.addProperty("seed", seed);
                }
                case Rounding.Divided(float divisor) -> {
                    tensor.addProperty("rounding", "nearest");
                    tensor.addProperty("divisor", divisor);
                }
            }
        }
    }
}
