package io.github.expogguf.launch;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Another JVM in place of this one. */
final class JavaProcess {

    private JavaProcess() {}

    /**
     * Runs a main class of this jar in another JVM that has this one's terminal, streams and environment.
     *
     * @return the exit code of that JVM
     */
    static int run(Path home, List<String> options, Class<?> main, String[] args) throws InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(JavaSearch.executable(home).toString());
        command.addAll(options);
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("expo.gguf."))
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        command.addAll(JavaOptions.ofTheUser());
        command.addAll(Arrays.asList("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(Arrays.asList(args));
        if (isChat(args)) {
            leaveInterruptsToChild();
        }
        try {
            Process child = builder(command).inheritIO().start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> endTogether(child)));
            return child.waitFor();
        } catch (IOException e) {
            System.err.println("expo-gguf: error: cannot start Java: " + e.getMessage());
            return 1;
        }
    }

    /**
     * With an environment in which glibc gives large blocks back when they are freed, also after it has seen larger
     * ones: what ggml's reader has needed for a header is of no use to anybody afterwards. Other systems pass over the
     * variable.
     */
    static ProcessBuilder builder(List<String> command) {
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
                    JavaProcess.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> null);
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
