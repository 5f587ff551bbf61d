package io.github.expogguf.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Times the command with {@code --reuse} beside the same without, in turn, and compares the bytes: what one model costs
 * to quantize once more, and a pair, when nothing changed, one tensor, or the mixture.
 *
 * <p>Arguments: {@code [millions of weights] [file type] [other file type] [rounds]}.
 */
public final class Reusing {

    private Reusing() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        long millions = arguments.length > 0 ? Long.parseLong(arguments[0]) : 400;
        String type = arguments.length > 1 ? arguments[1] : "Q4_K_M";
        String otherType = arguments.length > 2 ? arguments[2] : "Q5_K_M";
        int rounds = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 3;
        Path directory = Files.createTempDirectory("expo-bench");
        try {
            RandomPair random = new RandomPair(millions * 1_000_000);
            Machine.print(random, Runtime.getRuntime().availableProcessors());
            Path sft = directory.resolve("sft.gguf");
            Path aligned = directory.resolve("aligned.gguf");
            random.write(sft, aligned);
            List<String> quantize = List.of("quantize", "-m", aligned.toString());
            List<String> extrapolate =
                    List.of("extrapolate", "--alpha", "0.3", "--sft", sft.toString(), "--aligned", aligned.toString());
            System.out.println("| what | without | with --reuse | ratio |\n|---|---|---|---|");
            for (List<String> command : List.of(quantize, extrapolate)) {
                Path old = directory.resolve("old.gguf");
                run(command, old, "--type", type);
                compare(rounds, command, old, type + " again", "--type", type);
                compare(
                        rounds,
                        command,
                        old,
                        type + " with one tensor in Q6_K",
                        "--type",
                        type,
                        "--tensor-type",
                        "blk.1.ffn_up=q6_k");
                compare(rounds, command, old, otherType + " after " + type, "--type", otherType);
            }
        } finally {
            Disk.deleteAll(directory);
        }
    }

    private static void compare(int rounds, List<String> command, Path old, String what, String... options)
            throws Exception {
        Path plain = old.resolveSibling("plain.gguf");
        Path reusing = old.resolveSibling("reusing.gguf");
        List<String> more = new ArrayList<>(Arrays.asList(options));
        more.addAll(List.of("--reuse", old.toString()));
        double[] without = new double[rounds];
        double[] with = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            without[i] = run(command, plain, options);
            with[i] = run(command, reusing, more.toArray(String[]::new));
        }
        if (Files.mismatch(plain, reusing) >= 0) {
            throw new IllegalStateException(what + ": other bytes with --reuse");
        }
        Arrays.sort(without);
        Arrays.sort(with);
        double before = without[rounds / 2];
        double after = with[rounds / 2];
        System.out.printf(
                Locale.ROOT,
                "| `%s`, %s | %.1f s | %.1f s | %.2f |%n",
                command.getFirst(),
                what,
                before,
                after,
                after / before);
    }

    private static double run(List<String> command, Path output, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of(MeasuredProcess.java(), "-jar", "target/expo-gguf.jar"));
        words.addAll(command);
        words.addAll(Arrays.asList(options));
        words.addAll(List.of("--quiet", "--force", "-o", output.toString()));
        return MeasuredProcess.run(words).seconds();
    }
}
