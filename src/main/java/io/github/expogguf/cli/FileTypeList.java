package io.github.expogguf.cli;

import io.github.expogguf.cli.terminal.Columns;
import io.github.expogguf.cli.terminal.Table;
import io.github.expogguf.cli.terminal.Units;
import io.github.expogguf.gguf.FileType;
import io.github.expogguf.plan.options.TypeChoice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The file types, for the help of the commands that write them: how large, and what for. */
final class FileTypeList {

    private static final Set<String> COMMANDS = Set.of("extrapolate", "quantize", "plan");

    private static final String USE = "for";

    private FileTypeList() {}

    /** Puts the list before the footer of these commands. */
    static void install(CommandLine command) {
        command.getSubcommands().forEach((name, one) -> {
            if (COMMANDS.contains(name)) {
                one.getHelpSectionMap()
                        .put(
                                UsageMessageSpec.SECTION_KEY_FOOTER,
                                help -> text(help.commandSpec().usageMessage().width()) + GroupedHelp.footer(help));
            }
        });
    }

    static String text(int width) {
        Table table = new Table("  --type", ">bits", USE);
        List.of(FileType.values()).reversed().stream() // of equal ones the larger first
                .sorted(Comparator.comparingDouble(type -> -type.defaultType().bitsPerWeight()))
                .forEach(type -> table.add(
                        "  " + type.name(),
                        Units.bits(type.defaultType().bitsPerWeight()) + (isMixture(type) ? "+" : ""),
                        use(type)));
        table.add("  " + TypeChoice.COPY, "", "every tensor keeps its type");
        List<String> lines = new ArrayList<>(List.of(""));
        lines.addAll(Columns.ofWords(
                "File types, with the bits per weight of most of their tensors (+: of the least):", width));
        List<String> rows = table.toString().lines().toList();
        int start = rows.getFirst().indexOf(USE);
        rows.forEach(row -> lines.addAll(row(row, start, width)));
        return lines.stream().map(line -> line + System.lineSeparator()).collect(Collectors.joining());
    }

    /** The last column is broken between words. */
    private static List<String> row(String row, int start, int width) {
        List<String> lines = new ArrayList<>();
        for (String part : Columns.ofWords(row.substring(start), width - start)) {
            lines.add((lines.isEmpty() ? row.substring(0, start) : " ".repeat(start)) + part);
        }
        return lines;
    }

    /** Some tensors get more bits than most. */
    private static boolean isMixture(FileType type) {
        return switch (type) {
            case F32, F16, BF16, Q8_0 -> false;
            default -> true;
        };
    }

    private static String use(FileType type) {
        return switch (type) {
            case F32 -> "exact results, and inputs of other programs";
            case BF16 -> "the type of most checkpoints; coarse for small steps";
            case F16 -> "inputs of an extrapolation, and results as good as exact";
            case Q8_0 -> "results as good as F16 at half the size";
            case Q6_K -> "hardly any loss";
            case Q5_K_M, Q5_K_S -> "little loss";
            case Q5_0, Q5_1, Q4_0, Q4_1 -> "older; for programs without K types";
            case Q4_K_M -> "the usual choice: small, and good";
            case Q4_K_S -> "a little smaller than Q4_K_M";
            case IQ4_NL -> "as Q4_K_S, for rows that are not multiples of 256";
            case IQ4_XS -> "smaller than Q4_K_S, about as good with an imatrix";
            case MXFP4_MOE -> "experts of models that were trained in MXFP4";
            case Q3_K_L, Q3_K_M, Q3_K_S, IQ3_S, IQ3_M -> "noticeable loss; an imatrix helps";
            case IQ3_XS, IQ3_XXS -> "noticeable loss; with an imatrix";
            case Q2_K, Q2_K_S -> "much loss; with an imatrix";
            case IQ2_M, IQ2_S, IQ2_XS, IQ2_XXS -> "much loss; with an imatrix";
            case IQ1_M, IQ1_S -> "very much loss; with an imatrix";
            case TQ1_0, TQ2_0 -> "models that were trained with weights of -1, 0 and 1";
            case Q1_0, Q2_0 -> "models that were trained in so few bits";
        };
    }
}
