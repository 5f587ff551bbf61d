package io.github.expogguf.launch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Options for the JVMs that commands run in. */
final class JavaOptions {

    /**
     * Extra options for the JVM that computes, separated by spaces; of those for others, the properties of this program
     * hold.
     */
    private static final String VARIABLE = "EXPO_GGUF_JAVA_OPTS";

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

    /** How often glibc gives back what the JIT compiler and buffers are done with; it keeps some 25 MB else. */
    private static final int TRIM_MILLIS = 300;

    private JavaOptions() {}

    /** What the user wants to be passed to a JVM that is started. */
    static List<String> ofTheUser() {
        String extra = System.getenv(VARIABLE);
        return extra == null || extra.trim().isEmpty()
                ? new ArrayList<>()
                : Arrays.asList(extra.trim().split("\\s+"));
    }

    /** For commands that get no JVM of their own: the limits that are raised for all hold for them, too. */
    static void setProperties() {
        for (String option : ofTheUser()) {
            int equals = option.indexOf('=');
            if (option.startsWith("-Dexpo.gguf.") && equals > 0) {
                System.setProperty(option.substring("-D".length(), equals), option.substring(equals + 1));
            }
        }
    }

    /** The serial collector starts fastest and keeps the heap small; the work is done outside it. */
    static List<String> looking() {
        List<String> options =
                new ArrayList<>(Arrays.asList("-XX:+UseSerialGC", "-Xms64m", "--enable-native-access=ALL-UNNAMED"));
        options.addAll(OPTIMIZE_LATER);
        return options;
    }

    /** The export is what {@link Computing} needs. */
    static List<String> computing() {
        List<String> options = packaged();
        int processors = Runtime.getRuntime().availableProcessors();
        if (processors == 2 || processors == 3) {
            options.add("-XX:CICompilerCount=3");
        }
        if (System.getProperty("os.name").equals("Linux")) { // elsewhere the JVM warns that it cannot
            options.add("-XX:TrimNativeHeapInterval=" + TRIM_MILLIS);
        }
        return options;
    }

    /** Those that are right on every machine. */
    static List<String> packaged() {
        List<String> options = looking();
        options.add("--add-exports=java.base/jdk.internal.module=ALL-UNNAMED");
        options.addAll(compilerOptions());
        return options;
    }

    /**
     * Until the JIT compiler has translated SIMD code, each of its operations is a call that allocates, and what is
     * behind those calls gets hot and keeps the compiler from the code itself. So the quantizers are translated after a
     * twentieth of the usual calls, and the thread that calls them waits for it. With few processors a JVM has one
     * thread that optimizes; {@link #computing} adds another, which lets two quantizers be translated at a time.
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
}
