package io.github.expogguf.cli.doctor;

import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.text.Escape;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.ShortNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What can be done with the files.
 *
 * @param pair     the two models, if there are two
 * @param remarks  sentences that come before the commands; what belongs to the one before begins with blanks
 * @param commands whole command lines, each a list of words
 * @param exitCode of what keeps the models from being extrapolated
 */
record Advice(Optional<FoundPair> pair, List<String> remarks, List<List<String>> commands, ExitCode exitCode) {

    /** How the pair is told of. */
    static String title(FoundPair pair) {
        Path sft = pair.sft().path();
        Path aligned = pair.aligned().path();
        ShortNames names = ShortNames.of(List.of(sft, aligned));
        return Escape.text(names.of(sft) + " (SFT) and " + names.of(aligned) + " (aligned)")
                + (pair.isPair() ? (pair.isCompared() ? " are a pair" : " may be a pair") : " are not a pair")
                + pair.published()
                        .map(published -> ", published as " + published
                                + published
                                        .alpha()
                                        .map(alpha -> " with alpha " + Numbers.brief(alpha))
                                        .orElse(", without an alpha"))
                        .orElse(pair.isOrderSure() || !pair.isPair() ? "" : "; which is which, their order says");
    }

    /** A command as a shell takes it, on as many lines as fit; an option and its value stay together. */
    static List<String> lines(List<String> words, int width) {
        List<String> parts = new ArrayList<>();
        boolean isValue = false;
        for (String word : words) {
            if (isValue && !word.startsWith("-")) {
                parts.add(parts.removeLast() + " " + Escape.shellWord(word));
            } else {
                parts.add(Escape.shellWord(word));
            }
            isValue = word.startsWith("-");
        }
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(parts.removeFirst());
        for (String part : parts) {
            if (line.length() + 1 + part.length() + 2 > width) {
                lines.add(line + " \\");
                line = new StringBuilder("    ").append(part);
            } else {
                line.append(' ').append(part);
            }
        }
        lines.add(line.toString());
        return lines;
    }
}
