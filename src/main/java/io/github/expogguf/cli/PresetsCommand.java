package io.github.expogguf.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.option.Subcommand;
import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.Table;
import io.github.expogguf.cli.terminal.Terminal;
import io.github.expogguf.plan.options.PublishedPair;
import io.github.expogguf.plan.options.PublishedPair.Change;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** The pairs that others have extrapolated, and what came of it. */
@Command(
        name = "presets",
        description = {"Lists published pairs with their alphas and what the extrapolation changed.", ""},
        footer = {
            "",
            "Example:",
            "  expo-gguf extrapolate --preset zephyr-7b-beta --sft SFT.gguf \\",
            "      --aligned DPO.gguf --type Q4_K_M -o OUT.gguf"
        })
final class PresetsCommand extends Subcommand {

    private static final List<String> CAVEATS = List.of(
            "All figures are of BF16 models, by their authors; a quantized model was not measured.",
            "Alphas were chosen by the score of a reward model; they hold for these checkpoints alone.",
            "Answers grow longer with every pair (length), which the plain win rate rewards: see LC, the length-controlled"
                    + " one.",
            "Maths may suffer: GSM8K falls by 7.7 points with llama3-iterative-dpo-final, and rises with others.",
            "Under-trained pairs (zephyr_0.05 to zephyr_0.4) stand large alphas; finished ones 0.1 to 0.5.",
            "None of them was trained by reinforcement learning on checked answers: of experts in mathematics that were"
                    + " trained so to the end, extrapolation leaves 45.8 of 46.0 points (arXiv 2602.12125).");

    private static final List<String> SOURCES = List.of(
            "arXiv 2404.16792 (Table 1), https://aclanthology.org/2025.acl-long.51",
            "https://github.com/chujiezheng/LLM-Extrapolation (results_alpaca/leaderboard.csv, results_lmeval, code/scripts)",
            "https://huggingface.co/chujiezheng (cards of the *-ExPO models)");

    @Override
    public ExitCode execute() {
        if (json()) {
            console().print(document());
        } else {
            console().out().print(text(Terminal.ofStdout().columnsOfText()));
        }
        return ExitCode.OK;
    }

    private static String text(int columns) {
        Table models = new Table("preset", ">alpha", "SFT model, then aligned model");
        Table figures = new Table("preset", ">LC %", ">win %", ">MT-Bench", ">length", ">GSM8K %");
        for (PublishedPair pair : PublishedPair.values()) {
            models.add(
                    pair.toString(),
                    pair.alpha().map(Numbers::brief).orElse("unknown"),
                    pair.sft() + (pair.isSftConcluded() ? " *" : ""));
            models.add("", "", pair.aligned());
            if (isMeasured(pair)) {
                figures.add(
                        pair.toString(),
                        change(pair.lengthControlledWinRate(), 1),
                        change(pair.winRate(), 1),
                        change(pair.mtBench(), 2),
                        pair.characters()
                                .map(change -> Numbers.signedPercent(change.growth(), 0))
                                .orElse(""),
                        change(pair.gsm8k(), 1));
            }
        }
        List<String> notes = new ArrayList<>();
        notes.add(
                "*: concluded from the names. Figures: before-after. LC, win: AlpacaEval 2.0. length: of the answers.");
        for (PublishedPair pair : PublishedPair.values()) {
            if (!pair.note().isEmpty()) {
                notes.add(pair + ": " + pair.note() + ".");
            }
        }
        notes.add("");
        notes.addAll(CAVEATS);
        notes.add("Sources:");
        return (models.fits(columns) ? models.toString() : listed()) + "\n" + figures.fitting(columns) + "\n"
                + wrapped("", notes, columns) + wrapped("  ", SOURCES, columns);
    }

    /** The models below each other, where there is no room for names as long. */
    private static String listed() {
        return Stream.of(PublishedPair.values())
                .map(pair -> pair + ", alpha "
                        + pair.alpha().map(Numbers::brief).orElse("unknown") + "\n  " + pair.sft()
                        + (pair.isSftConcluded() ? " *" : "") + "\n  " + pair.aligned() + "\n")
                .collect(Collectors.joining());
    }

    private static String wrapped(String before, List<String> paragraphs, int columns) {
        return paragraphs.stream()
                .flatMap(text -> Columns.ofWords(text, columns - before.length()).stream())
                .map(line -> before + line + "\n")
                .collect(Collectors.joining());
    }

    private static boolean isMeasured(PublishedPair pair) {
        return Stream.of(
                        pair.lengthControlledWinRate(), pair.winRate(), pair.mtBench(), pair.characters(), pair.gsm8k())
                .anyMatch(Optional::isPresent);
    }

    private static String change(Optional<Change> change, int digits) {
        return change.map(figures ->
                        Numbers.fixed(figures.before(), digits) + "-" + Numbers.fixed(figures.after(), digits))
                .orElse("");
    }

    private static JsonObject document() {
        JsonArray presets = new JsonArray();
        for (PublishedPair pair : PublishedPair.values()) {
            JsonObject preset = new JsonObject();
            preset.addProperty("name", pair.toString());
            preset.addProperty("aligned", pair.aligned());
            preset.addProperty("sft", pair.sft());
            preset.addProperty("sftConcluded", pair.isSftConcluded());
            preset.addProperty("alpha", pair.alpha().orElse(null));
            preset.add("lengthControlledWinRate", json(pair.lengthControlledWinRate()));
            preset.add("winRate", json(pair.winRate()));
            preset.add("mtBench", json(pair.mtBench()));
            preset.add("characters", json(pair.characters()));
            preset.add("gsm8k", json(pair.gsm8k()));
            preset.addProperty("note", pair.note().isEmpty() ? null : pair.note());
            presets.add(preset);
        }
        JsonObject document = Json.document("presets");
        document.add("presets", presets);
        document.add("caveats", Json.strings(CAVEATS));
        document.add("sources", Json.strings(SOURCES));
        return document;
    }

    private static JsonElement json(Optional<Change> change) {
        if (change.isEmpty()) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.addProperty("before", change.get().before());
        json.addProperty("after", change.get().after());
        return json;
    }
}
