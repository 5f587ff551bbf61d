package io.github.expogguf.launch;

import java.lang.reflect.InvocationTargetException;

/** The program that this package starts. */
final class Command {

    private static final String MAIN = "io.github.expogguf.cli.Main";

    private Command() {}

    /** Runs the command in this JVM; it ends the process. */
    static void run(String[] args) throws Throwable {
        try {
            Class.forName(MAIN).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
