package io.github.expogguf.launch;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Entry of the JVM that computes. Loads the vector module first: on the command line ({@code --add-modules}) it makes
 * the JVM print {@code WARNING: Using incubator modules} before anything of ours runs, and no option turns that off.
 * The JDK also resolves modules on demand, for agents, with {@code jdk.internal.module.Modules.loadModule}; the module
 * is then the same, compiled just as well, and nothing is printed. Where a future JDK does that in another way, the
 * command line and its warning serve.
 */
public final class Computing {

    private static final String MODULE = "jdk.incubator.vector";

    private Computing() {}

    public static void main(String[] args) throws Throwable {
        endWithParent();
        if (addVectorModule()) {
            Command.run(args);
        } else {
            List<String> options = new ArrayList<>(JavaOptions.computing());
            options.add("--add-modules=" + MODULE);
            System.exit(JavaProcess.run(JavaSearch.runningHome(), options, Computing.class, args));
        }
    }

    /**
     * Has the module be there.
     *
     * @return whether all is as good as it gets; if not, the command line can still add it
     */
    static boolean addVectorModule() {
        return hasVectorModule() || loadVectorModule();
    }

    /** Whether the module is there already, because a user asked for it. */
    static boolean hasVectorModule() {
        try {
            Class.forName("jdk.incubator.vector.FloatVector", false, Computing.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /**
     * Loads it.
     *
     * @return false if this JDK has another way; true if it is loaded, and also if this JDK has no such module: then
     *     the command runs without and says so
     */
    private static boolean loadVectorModule() {
        try {
            Class.forName("jdk.internal.module.Modules")
                    .getMethod("loadModule", String.class)
                    .invoke(null, MODULE);
            return hasVectorModule();
        } catch (InvocationTargetException e) {
            return e.getCause().getClass().getName().equals("java.lang.module.FindException");
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** Nobody waits for this process once the one that started it is gone; an orderly exit leaves nothing half done. */
    private static void endWithParent() throws ReflectiveOperationException {
        Class<?> process = Class.forName("java.lang.ProcessHandle"); // Java 9
        Object self = process.getMethod("current").invoke(null);
        Optional<?> parent = (Optional<?>) process.getMethod("parent").invoke(self);
        if (parent.isPresent()) {
            ((CompletableFuture<?>) process.getMethod("onExit").invoke(parent.get())).thenRun(() -> System.exit(143));
        }
    }
}
