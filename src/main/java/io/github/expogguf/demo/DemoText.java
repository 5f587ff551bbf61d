package io.github.expogguf.demo;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.text.Numbers;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a result for people: answers to a few questions side by side, rewards by alpha with bars, and what they say.
 *
 * @param width   columns, at least 40
 * @param color   uses ANSI colours
 * @param unicode draws bars with block characters and writes the plus-minus sign, which an ASCII terminal cannot show
 */
public record DemoText(int width, boolean color, boolean unicode) {

    private static final String BOLD = "1";
    private static final String DIM = "2";
    private static final String GREEN = "32";
    private static final String RED = "31";
    private static final int MAX_WIDTH = 100;
    private static final int NAME_WIDTH = 11;

    /** Keeps the width within what reads well. */
    public DemoText {
        width = Math.clamp(width, 40, MAX_WIDTH);
    }

    /** The whole text, lines ending with a newline. */
    public String write(DemoResult result) {
        List<String> lines = new ArrayList<>();
        DemoFindings findings = new DemoFindings(result);
        FileType first = result.fileTypes().getFirst();
        lines.add(style(BOLD, "extrapolated = aligned + alpha * (aligned - sft)"));
        wrap(
                lines,
                "",
                "sft: trained on replies of mixed quality; aligned: after DPO on few preferences (alpha 0); "
                        + result.prompts().size()
                        + " questions that training never saw, answered greedily by llama.cpp");
        for (int index : findings.examples(first)) {
            addExample(lines, result, first, index);
        }
        for (FileType type : result.fileTypes()) {
            addTable(lines, result.models(type), findings.best(type), findings.aligned(type));
        }
        lines.add("");
        for (String sentence : findings.sentences()) {
            wrap(lines, "", sentence);
        }
        return String.join("\n", lines.stream().map(this::plainIfAscii).toList()) + "\n";
    }

    private void addExample(List<String> lines, DemoResult result, FileType type, int index) {
        DemoPrompt prompt = result.prompts().get(index);
        lines.add("");
        lines.add(style(BOLD, prompt.question()) + style(DIM, "  (" + prompt.answer() + ")"));
        for (DemoModel model : result.models(type)) {
            DemoModel.Answer answer = model.answers().get(index);
            String head = pad("  " + model.name(), NAME_WIDTH + 2) + right(Numbers.fixed(answer.reward(), 2), 5) + " ";
            wrap(lines, head, answer.text());
        }
    }

    private void addTable(List<String> lines, List<DemoModel> models, DemoModel best, DemoModel aligned) {
        lines.add("");
        lines.add(style(BOLD, pad(models.getFirst().fileType().name(), NAME_WIDTH) + "   reward    right"));
        double most = models.stream().mapToDouble(DemoModel::meanReward).max().orElseThrow();
        int barWidth = Math.max(10, width - NAME_WIDTH - 24);
        for (DemoModel model : models) {
            double reward = model.meanReward();
            double correct = model.mean(answer -> answer.attributes().correct() ? 1 : 0);
            String row = pad("  " + model.name(), NAME_WIDTH)
                    + right(Numbers.fixed(reward, 2), 6) + " ± " + Numbers.fixed(model.standardError(), 2) + " "
                    + right(Numbers.percent(correct, 0), 6) + "  ";
            int length = most <= 0 ? 0 : (int) Math.round(barWidth * Math.max(0, reward) / most);
            String bar = "█".repeat(length);
            boolean extrapolated = model.alpha().isPresent();
            String code =
                    extrapolated && model.equals(best) && model.minus(aligned).isRise()
                            ? GREEN
                            : extrapolated && model.minus(aligned).isFall() ? RED : DIM;
            lines.add(row + style(code, bar));
        }
    }

    /** Adds text after a head, its further lines indented to where the first begins. */
    private void wrap(List<String> lines, String head, String text) {
        StringBuilder line = new StringBuilder(head);
        for (String word : text.split(" ", -1)) {
            boolean empty = line.length() <= head.length();
            if (!empty && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line = new StringBuilder(" ".repeat(head.length()));
                empty = true;
            }
            line.append(empty ? "" : " ").append(word);
        }
        lines.add(line.toString());
    }

    private String style(String code, String text) {
        return color && !text.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    private String plainIfAscii(String line) {
        return unicode ? line : line.replace("±", "+-").replace('█', '#');
    }

    private static String pad(String text, int length) {
        return text + " ".repeat(Math.max(0, length - text.length()));
    }

    private static String right(String text, int length) {
        return " ".repeat(Math.max(0, length - text.length())) + text;
    }
}
