package io.github.expogguf.fuzz;

import io.github.expogguf.testing.TrustFigures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Drives the targets with Jazzer, each in a process of its own, and prints executions and findings. Arguments: minutes
 * in all, processes at a time, and the targets, all if none is named. Ends with 1 if there is a finding.
 */
public final class FuzzRun {

    private static final Path DIRECTORY = Path.of("target", "fuzz");

    private FuzzRun() {}

    /** Runs the targets. */
    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        double minutes = Double.parseDouble(arguments[0]);
        int processes = Integer.parseInt(arguments[1]);
        List<FuzzTarget> targets = arguments.length == 2
                ? List.of(FuzzTarget.values())
                : Arrays.stream(arguments)
                        .skip(2)
                        .map(name -> FuzzTarget.valueOf(name.toUpperCase(Locale.ROOT)))
                        .toList();
        int rounds = Math.ceilDiv(targets.size(), processes);
        long seconds = Math.max(1, Math.round(60 * minutes / rounds));
        List<Future<FuzzResult>> running = new ArrayList<>();
        List<FuzzResult> results = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(processes)) {
            for (FuzzTarget target : targets) {
                running.add(pool.submit(() -> FuzzProcess.run(target, seconds, DIRECTORY)));
            }
            for (Future<FuzzResult> result : running) {
                System.out.println(result.get());
                results.add(result.get());
            }
        }
        boolean found = results.stream().anyMatch(FuzzResult::isFinding);
        double hours = results.stream().mapToLong(FuzzResult::seconds).sum() / 3600.0;
        long executions = results.stream().mapToLong(FuzzResult::executions).sum();
        TrustFigures.print(
                String.format(
                        Locale.ROOT,
                        "inputs that the fuzzer tried on %d targets, %.1f core-hours",
                        results.size(),
                        hours),
                String.format(Locale.ROOT, "%,d, %s", executions, found ? "with findings" : "no finding"));
        System.out.println(
                found
                        ? "Findings are in target/fuzz/TARGET; an input put into src/fuzz/findings/TARGET is replayed by make test."
                        : "no findings");
        System.exit(found ? 1 : 0);
    }
}
