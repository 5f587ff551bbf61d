package io.github.expogguf.launch;

/**
 * Entry of the command where it brings its own Java, with the options of {@link JavaOptions#computing}: every
 * command runs in the one JVM that was started.
 */
public final class Packaged {

    private Packaged() {}

    public static void main(String[] args) throws Throwable {
        if (args.length == 1 && args[0].equals("--java-options")) { // asked when it is packed
            JavaOptions.packaged().forEach(System.out::println);
            return;
        }
        if (!Launcher.looksOnly(args)) {
            Computing.addVectorModule();
        }
        Command.run(args);
    }
}
