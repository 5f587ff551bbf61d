package io.github.expogguf.launch;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Entry of the jar. Commands that only look run in this JVM if it is new enough; commands that compute get a JVM of
 * their own, with the vector module, native access and a heap that stays small, and so does every command if this Java
 * is too old. This package is compiled for Java 8, so that any Java can start it and say which one is needed.
 */
public final class Launcher {

    /**
     * Extra options for the JVM that computes, separated by spaces; of those for others, the properties of this program
     * hold.
     */
    static final String OPTIONS_VARIABLE = "EXPO_GGUF_JAVA_OPTS";

    private static final String MAIN = "io.github.expogguf.cli.Main";

    /**
     * All methods that loop over weights, as the JVM's compile commands name them; a star stands for inner packages,
     * too.
     */
    private static final List<String> LOOPS =
            Arrays.asList("io.github.expogguf.quant.*::*", "io.github.expogguf.simd.*::*");

    /**
     * Four times the JVM's own thresholds for optimizing: a command is over so soon that optimizing what it does for
     * each tensor or key takes longer than doing it, while loops over weights and texts get there all the same.
     */
    private static final List<String> OPTIMIZE_LATER = Arrays.asList(
            "-XX:Tier4InvocationThreshold=20000",
            "-XX:Tier4MinInvocationThreshold=2400",
            "-XX:Tier4CompileThreshold=60000",
            "-XX:Tier4BackEdgeThreshold=160000");

    private static final Set<String> LOOKING =
            new HashSet<>(Arrays.asList("version", "inspect", "plan", "help", "completion", "generate-completion"));
    private static final Set<String> LOOKING_OPTIONS =
            new HashSet<>(Arrays.asList("-h", "--help", "-V", "--version", "--dry-run"));

    private Launcher() {}

    public static void main(String[] args) throws Throwable {
        boolean looksOnly = looksOnly(args);
        if (JavaSearch.runningVersion() >= JavaSearch.NEEDED) {
            if (looksOnly || Computing.hasVectorModule()) {
                setProperties(extraOptions());
                runHere(args);
            } else {
                System.exit(start(JavaSearch.runningHome(), computingOptions(), Computing.class, args));
            }
            return;
        }
        Path java = JavaSearch.ofThisMachine().find();
        if (java == null) {
            System.err.println("expo-gguf: Java " + JavaSearch.NEEDED + " or newer is needed, and this is Java "
                    + JavaSearch.runningVersion() + " (" + JavaSearch.runningHome() + "); there is no newer one"
                    + " in JAVA_HOME, on the PATH or in the usual places: install one, or name it in JAVA_HOME");
            System.exit(JavaSearch.JAVA_TOO_OLD);
        }
        System.exit(
                looksOnly
                        ? start(java, lookingOptions(), Launcher.class, args)
                        : start(java, computingOptions(), Computing.class, args));
    }

    /** Whether a command computes nothing, so that the vector module makes no difference to it. */
    static boolean looksOnly(String[] args) {
        List<String> words = Arrays.asList(args);
        List<String> options = words.contains("--") ? words.subList(0, words.indexOf("--")) : words;
        return args.length == 0 || LOOKING.contains(args[0]) || options.stream().anyMatch(LOOKING_OPTIONS::contains);
    }

    /** What the user wants to be passed to a JVM that is started. */
    private static List<String> extraOptions() {
        String extra = System.getenv(OPTIONS_VARIABLE);
        return extra == null || extra.trim().isEmpty()
                ? new ArrayList<>()
                : Arrays.asList(extra.trim().split("\\s+"));
    }

    /** For commands that get no JVM of their own: the limits that are raised for all hold for them, too. */
    private static void setProperties(List<String> options) {
        for (String option : options) {
            int equals = option.indexOf('=');
            if (option.startsWith("-Dexpo.gguf.") && equals > 0) {
                System.setProperty(option.substring("-D".length(), equals), option.substring(equals + 1));
            }
        }
    }

    /** Runs the command in this JVM; it ends the process. */
    static void runHere(String[] args) throws Throwable {
        try {
            Class.forName(MAIN).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** The serial collector starts fastest and keeps the heap small; the work is done outside it. */
    static List<String> lookingOptions() {
        List<String> options =
                new ArrayList<>(Arrays.asList("-XX:+UseSerialGC", "-Xms64m", "--enable-native-access=ALL-UNNAMED"));
        options.addAll(OPTIMIZE_LATER);
        return options;
    }

    /** The export is what {@link Computing} needs. */
    static List<String> computingOptions() {
        List<String> options = packagedOptions();
        int processors = Runtime.getRuntime().availableProcessors();
        if (processors == 2 || processors == 3) {
            options.add("-XX:CICompilerCount=3");
        }
        return options;
    }

    /** Those that are right on every machine. */
    static List<String> packagedOptions() {
        List<String> options = lookingOptions();
        options.add("--add-exports=java.base/jdk.internal.module=ALL-UNNAMED");
        options.addAll(compilerOptions());
        return options;
    }

    /**
     * Until the JIT compiler has translated SIMD code, each of its operations is a call that allocates, and what is
     * behind those calls gets hot and keeps the compiler from the code itself. So the quantizers are translated after a
     * twentieth of the usual calls, and the thread that calls them waits for it. With few processors a JVM has one
     * thread that optimizes; {@link #computingOptions} adds another, which lets two quantizers be translated at a time.
     */
    private static List<String> compilerOptions() {
        List<String> options = new ArrayList<>();
        options.add("-XX:CompileCommand=quiet");
        for (String methods : LOOPS) {
            options.add("-XX:CompileCommand=CompileThresholdScaling," + methods + ",0.05");
            options.add("-XX:CompileCommand=BackgroundCompilation," + methods + ",false");
        }
        return options;
    }

    /**
     * Runs a main class of this jar in another JVM that has this one's terminal, streams and environment.
     *
     * @return the exit code of that JVM
     */
    static int start(Path home, List<String> options, Class<?> main, String[] args) throws InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(JavaSearch.executable(home).toString());
        command.addAll(options);
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("expo.gguf."))
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(extraOptions());
        command.addAll(Arrays.asList("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(Arrays.asList(args));
        if (isChat(args)) {
            leaveInterruptsToChild();
        }
        try {
            Process child = process(command).inheritIO().start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> endTogether(child)));
            return child.waitFor();
        } catch (IOException e) {
            System.err.println("expo-gguf: cannot start Java: " + e.getMessage());
            return 1;
        }
    }

    /**
     * With an environment in which glibc gives large blocks back when they are freed, also after it has seen larger
     * ones: what ggml's reader has needed for a header is of no use to anybody afterwards. Other systems pass over the
     * variable.
     */
    static ProcessBuilder process(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putIfAbsent("MALLOC_MMAP_THRESHOLD_", "1048576");
        return builder;
    }

    private static boolean isChat(String[] args) {
        return args.length > 0 && args[0].equals("chat");
    }

    /**
     * In a chat Ctrl-C stops an answer, and the process only when pressed again. The terminal tells the child of it,
     * too, so this process lets it pass and ends when the child does. A handler, because an ignored signal would stay
     * ignored in the child. {@code sun.misc.Signal} is in every JDK, but not in the API that this is compiled against.
     */
    private static void leaveInterruptsToChild() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object nothing = Proxy.newProxyInstance(
                    Launcher.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> null);
            Object interrupt = signal.getConstructor(String.class).newInstance("INT");
            signal.getMethod("handle", signal, handler).invoke(null, interrupt, nothing);
        } catch (ReflectiveOperationException e) {
            // Ctrl-C then ends both at once
        }
    }

    /**
     * A signal for this process ends the child too, which cleans up first. From a terminal, Ctrl-C has reached it
     * already. The exit code is the child's; or, if it died of a signal, what this process gets from its own, 130 or
     * 143.
     */
    private static void endTogether(Process child) {
        try {
            if (!JavaSearch.isWindows()) { // there it would be killed on the spot; its console tells it by itself
                child.destroy();
            }
            int exitCode = child.waitFor();
            if (exitCode < 128) {
                Runtime.getRuntime().halt(exitCode);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
