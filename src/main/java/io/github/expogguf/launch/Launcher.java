package io.github.expogguf.launch;

import java.nio.file.Path;
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

    private static final Set<String> LOOKING = new HashSet<>(
            Arrays.asList("version", "doctor", "inspect", "plan", "help", "completion", "generate-completion"));
    private static final Set<String> LOOKING_OPTIONS =
            new HashSet<>(Arrays.asList("-h", "--help", "-V", "--version", "--dry-run"));

    private Launcher() {}

    public static void main(String[] args) throws Throwable {
        boolean looksOnly = looksOnly(args);
        if (JavaSearch.runningVersion() >= JavaSearch.NEEDED) {
            if (looksOnly || Computing.hasVectorModule()) {
                JavaOptions.setProperties();
                Command.run(args);
            } else {
                System.exit(JavaProcess.run(JavaSearch.runningHome(), JavaOptions.computing(), Computing.class, args));
            }
            return;
        }
        Path java = JavaSearch.ofThisMachine().find();
        if (java == null) {
            System.err.println("expo-gguf: error: " + JavaSearch.missing());
            System.exit(JavaSearch.JAVA_TOO_OLD);
        }
        System.exit(
                looksOnly
                        ? JavaProcess.run(java, JavaOptions.looking(), Launcher.class, args)
                        : JavaProcess.run(java, JavaOptions.computing(), Computing.class, args));
    }

    /** Whether a command computes nothing, so that the vector module makes no difference to it. */
    static boolean looksOnly(String[] args) {
        List<String> words = Arrays.asList(args);
        List<String> options = words.contains("--") ? words.subList(0, words.indexOf("--")) : words;
        return args.length == 0 || LOOKING.contains(args[0]) || options.stream().anyMatch(LOOKING_OPTIONS::contains);
    }
}
