package io.github.expogguf.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One run of Jazzer on one target. */
final class FuzzProcess {

    private static final Pattern EXECUTIONS = Pattern.compile("stat::number_of_executed_units: ([0-9]+)");

    /** Exit codes of libFuzzer: no finding, out of memory, exception, and, as asked for below, out of time. */
    private static final List<Integer> ORDERLY = List.of(0, 71, 77, 78);

    private FuzzProcess() {}

    static FuzzResult run(FuzzTarget target, long seconds, Path directory) throws IOException, InterruptedException {
        Path work = directory.resolve(target.label()).toAbsolutePath();
        Path corpus = Files.createDirectories(work.resolve("corpus"));
        Path artifacts = Files.createDirectories(work.resolve("found"));
        Path scratch = Files.createDirectories(work.resolve("scratch"));
        Path log = work.resolve("log.txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // most methods run too seldom for the better compiler
                "-Djava.util.logging.config.file="
                        + Path.of("src", "fuzz", "logging.properties").toAbsolutePath(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + scratch,
                "-D" + Bounds.SLACK + "=8",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.type().getName(),
                "--instrumentation_includes=io.github.expogguf.**",
                "--instrumentation_excludes=io.github.expogguf.bindings.**:io.github.expogguf.fuzz.**"
                        + ":io.github.expogguf.quant.**",
                "--custom_hook_excludes=com.code_intelligence.jazzer.sanitizers.**",
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.RegexInjection", // recipes are expressions
                "--reproducer_path=" + work,
                "--keep_going=20",
                "-artifact_prefix=" + artifacts + "/",
                "-dict=" + Path.of("src", "fuzz", "words.dict").toAbsolutePath(),
                "-max_len=6000",
                "-timeout=100",
                "-timeout_exitcode=78",
                "-report_slow_units=100",
                "-rss_limit_mb=4096",
                "-use_value_profile=1",
                "-print_final_stats=1",
                "-max_total_time=" + seconds,
                corpus.toString(),
                target.seeds().toAbsolutePath().toString()));
        if (Files.isDirectory(target.findings())) {
            command.add(target.findings().toAbsolutePath().toString());
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("GGML_NO_BACKTRACE", "1");
        Set<String> earlier = names(artifacts);
        int exitCode = builder.start().waitFor();
        String said = Files.readString(log, java.nio.charset.StandardCharsets.ISO_8859_1);
        Set<String> found = names(artifacts);
        found.removeAll(earlier);
        List<String> findings = findings(target, found, exitCode, log);
        long executions = executions(said);
        if (executions == 0) {
            findings.add("tried no input; see " + log);
        }
        return new FuzzResult(target, seconds, executions, found.size(), findings);
    }

    private static long executions(String said) {
        Matcher matcher = EXECUTIONS.matcher(said);
        long executions = 0;
        while (matcher.find()) { // printed after every finding, counted from the start
            executions = Long.parseLong(matcher.group(1));
        }
        return executions;
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(Path::toString).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** What breaks a promise without the fuzzer's instruments, too. */
    private static List<String> findings(FuzzTarget target, Set<String> found, int exitCode, Path log)
            throws IOException, InterruptedException {
        List<String> findings = new ArrayList<>();
        for (String file : found) {
            Reproduction.of(target, Path.of(file)).ifPresent(broken -> findings.add(file + ": " + broken));
        }
        if (!ORDERLY.contains(exitCode)) {
            findings.add("ended with " + exitCode + ", its input is in scratch; see " + log);
        }
        return findings;
    }
}
