package io.github.expogguf.faults;

import io.github.expogguf.testing.TensorValues;
import io.github.expogguf.testing.TinyModel;
import io.github.expogguf.testing.TinyModels;
import io.github.expogguf.testing.TrustFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Main class: lets the N-th system call on the files of a run fail, with strace, for every N until none is left to
 * fail, and looks at what the real command leaves: inputs unchanged; the output absent, the old one, or the good one;
 * and a run that goes on (or starts anew) to exactly the good one. Arguments: the class path of the command, threads.
 */
final class FaultSweep {

    /** How the command is asked, and what it finds. */
    enum Mode {
        PLAIN,
        FORCE_OVER_OLD,
        RESUME
    }

    /**
     * A way of failing.
     *
     * @param injection strace's words: system calls and what happens to them
     * @param files     on which files
     * @param kills     whether the process dies of it
     */
    record Fault(String injection, Target files, boolean kills) {}

    /** Files that a fault is about. */
    enum Target {
        OUTPUTS,
        INPUTS
    }

    private static final String WRITES = "write,pwrite64";
    private static final String NAMES = "link,linkat,rename,renameat,renameat2";

    private static final List<Fault> FAULTS = List.of(
            new Fault(WRITES + ":error=ENOSPC", Target.OUTPUTS, false),
            new Fault(WRITES + ":error=EIO", Target.OUTPUTS, false),
            new Fault(WRITES + ":signal=KILL", Target.OUTPUTS, true),
            new Fault("fsync,fdatasync:error=EIO", Target.OUTPUTS, false),
            new Fault("fsync,fdatasync:signal=KILL", Target.OUTPUTS, true),
            new Fault(NAMES + ":error=EIO", Target.OUTPUTS, false),
            new Fault(NAMES + ":signal=KILL", Target.OUTPUTS, true),
            new Fault("unlink,unlinkat:error=EIO", Target.OUTPUTS, false),
            new Fault("unlink,unlinkat:signal=KILL", Target.OUTPUTS, true),
            new Fault("openat:error=EIO", Target.OUTPUTS, false),
            new Fault("openat:error=ENOSPC", Target.OUTPUTS, false),
            new Fault("openat:signal=KILL", Target.OUTPUTS, true),
            new Fault("read,pread64:error=EIO", Target.OUTPUTS, false),
            new Fault("openat:error=EIO", Target.INPUTS, false),
            new Fault("read,pread64:error=EIO", Target.INPUTS, false),
            new Fault("read,pread64:signal=KILL", Target.INPUTS, true));

    private final Path root;
    private final CommandUnderStrace command;
    private final byte[] good;
    private final byte[] old = "an old file".getBytes();
    private final List<String> wrong = new ArrayList<>();
    private int injected;
    private int killed;
    private int resumed;

    private FaultSweep(Path root, CommandUnderStrace command) throws IOException, InterruptedException {
        this.root = root;
        this.command = command;
        Path sample = makeCase("good");
        CommandUnderStrace.Ended ended = command.run(sample, List.of());
        if (ended.exitCode() != 0) {
            throw new IllegalStateException("without a fault: " + ended);
        }
        good = Files.readAllBytes(sample.resolve("out.gguf"));
    }

    public static void main(String[] arguments) throws Exception {
        Path root = Files.createTempDirectory("expo-gguf-faults").toRealPath();
        long start = System.nanoTime();
        int parallel = Integer.parseInt(arguments[1]);
        FaultSweep sweep = new FaultSweep(root, new CommandUnderStrace(arguments[0]));
        try (ExecutorService threads = Executors.newFixedThreadPool(parallel)) {
            List<Future<?>> all = new ArrayList<>();
            for (Mode mode : Mode.values()) {
                for (Fault fault : FAULTS) {
                    all.add(threads.submit(() -> sweep.sweep(mode, fault)));
                }
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        CommandUnderStrace.deleteTree(root);
        sweep.wrong.forEach(line -> System.out.println("WRONG " + line));
        if (!sweep.wrong.isEmpty() || sweep.injected == 0) {
            System.exit(1);
        }
        TrustFigures.print(
                "system calls made to fail under the real command (strace)", Integer.toString(sweep.injected));
        TrustFigures.print("of these the process was killed", Integer.toString(sweep.killed));
        TrustFigures.print("runs that went on after it, all to the same bytes", Integer.toString(sweep.resumed));
        TrustFigures.print(
                "kinds of faults, in three situations each",
                FAULTS.size() + " in " + (System.nanoTime() - start) / 1_000_000_000 + " s");
    }

    private Void sweep(Mode mode, Fault fault) throws IOException, InterruptedException {
        for (int call = 1; ; call++) {
            String name = mode + "-" + FAULTS.indexOf(fault) + "-" + call;
            Path directory = makeCase(name);
            if (mode == Mode.FORCE_OVER_OLD) {
                Files.write(directory.resolve("out.gguf"), old);
            }
            List<InputState> inputs = InputState.of(directory);
            CommandUnderStrace.Ended ended = command.runWithFault(directory, flags(mode), fault, call);
            if (!ended.wasInjected()) {
                check(
                        name,
                        ended.exitCode() == 0 && isGood(directory),
                        ended,
                        "the run without a fault does not succeed");
                CommandUnderStrace.deleteTree(directory);
                return null;
            }
            count(fault);
            String what = mode + ", " + fault.injection() + " on " + fault.files() + ", call " + call;
            check(what, inputs.equals(InputState.of(directory)), ended, "an input changed");
            check(what, isAllowed(mode, directory), ended, "the output is neither as it was nor good");
            check(what, fault.kills() || ended.endedInOneLine(), ended, "not one line and a declared exit code");
            check(what, ended.exitCode() != 0 || isGood(directory), ended, "success without the good output");
            if (!isGood(directory)) {
                goOn(what, mode, fault, directory);
            }
            CommandUnderStrace.deleteTree(directory);
        }
    }

    /** Whatever is left, the next run comes to the good output. */
    private void goOn(String what, Mode mode, Fault fault, Path directory) throws IOException, InterruptedException {
        boolean unlinkFailed = fault.injection().startsWith("unlink");
        if (mode != Mode.RESUME && !fault.kills() && !unlinkFailed) {
            check(what, !hasLeftovers(directory), null, "something unfinished is left");
        }
        List<String> flags = new ArrayList<>(flags(mode));
        flags.remove("--resume");
        flags.add(mode == Mode.RESUME ? "--resume" : "--discard-partial");
        CommandUnderStrace.Ended ended = command.run(directory, flags);
        check(what, ended.exitCode() == 0 && isGood(directory), ended, "the next run does not come to the good output");
        check(what, !hasLeftovers(directory), ended, "the next run leaves something unfinished");
        synchronized (this) {
            resumed++;
        }
    }

    private synchronized void count(Fault fault) {
        injected++;
        killed += fault.kills() ? 1 : 0;
    }

    private synchronized void check(String what, boolean holds, CommandUnderStrace.Ended ended, String problem) {
        if (!holds) {
            wrong.add(what + ": " + problem + (ended == null ? "" : ": " + ended));
        }
    }

    private static List<String> flags(Mode mode) {
        return switch (mode) {
            case PLAIN -> List.of();
            case FORCE_OVER_OLD -> List.of("--force");
            case RESUME -> List.of("--resume");
        };
    }

    private boolean isGood(Path directory) throws IOException {
        Path output = directory.resolve("out.gguf");
        return Files.exists(output) && Arrays.equals(Files.readAllBytes(output), good);
    }

    private boolean isAllowed(Mode mode, Path directory) throws IOException {
        Path output = directory.resolve("out.gguf");
        if (mode == Mode.FORCE_OVER_OLD) {
            return Files.exists(output) && (isGood(directory) || Arrays.equals(Files.readAllBytes(output), old));
        }
        return !Files.exists(output) || isGood(directory);
    }

    private static boolean hasLeftovers(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.anyMatch(file -> file.getFileName().toString().contains(".expo-"));
        }
    }

    private Path makeCase(String name) throws IOException {
        TinyModel model = TinyModels.llama(TinyModels.Sizes.of(1, 64, 64, 2, 1));
        Path directory = Files.createDirectory(root.resolve(name));
        model.write(directory.resolve("sft.gguf"), TensorValues.random(1));
        model.write(directory.resolve("aligned.gguf"), TensorValues.near(TensorValues.random(1), 2));
        return directory;
    }
}
