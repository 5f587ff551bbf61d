package io.github.expogguf.launch;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** A jar with the real launcher and, in place of the command, a class that tells how it was started. */
final class StandIn {

    private static final String MAIN = """
            package io.github.expogguf.cli;

            import java.io.IOException;
            import java.nio.file.*;
            import java.util.*;

            public final class Main {
                public static void main(String[] args) throws Exception {
                    switch (args.length < 2 ? "" : args[1]) {
                        case "exit" -> System.exit(Integer.parseInt(args[2]));
                        case "echo" -> System.in.transferTo(System.out);
                        case "wait" -> await(Path.of(args[2]));
                        default -> report(args);
                    }
                }

                private static void report(String[] args) throws IOException {
                    boolean vectors = true;
                    try {
                        Class.forName("jdk.incubator.vector.FloatVector");
                    } catch (ClassNotFoundException e) {
                        vectors = false;
                    }
                    System.out.println("pid=" + ProcessHandle.current().pid());
                    System.out.println("java=" + Runtime.version().feature());
                    System.out.println("vectors=" + vectors);
                    System.out.println("native=" + Main.class.getModule().isNativeAccessEnabled());
                    System.out.println("property=" + System.getProperty("expo.gguf.lib.path"));
                    System.out.println("option=" + System.getProperty("extra.option"));
                    System.out.println("stderr=" + Files.readSymbolicLink(Path.of("/proc/self/fd/2")));
                    System.out.println("args=" + Arrays.toString(args));
                }

                private static void await(Path file) throws Exception {
                    Files.createFile(file);
                    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                        try {
                            Files.delete(file);
                        } catch (IOException e) {
                            e.printStackTrace();
                        }
                    }));
                    System.out.println("ready");
                    Thread.sleep(60_000);
                }
            }
            """;

    private StandIn() {}

    static Path jar(Path directory) throws IOException {
        Path source = Files.writeString(directory.resolve("Main.java"), MAIN);
        Path classes = Files.createDirectory(directory.resolve("classes"));
        int result =
                ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", classes.toString(), source.toString());
        if (result != 0) {
            throw new IOException("the stand-in does not compile");
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "io.github.expogguf.launch.Launcher");
        manifest.getMainAttributes().put(new Attributes.Name("Enable-Native-Access"), "ALL-UNNAMED");
        Path jar = directory.resolve("stand in.jar"); // a space, as in "Program Files"
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest)) {
            addClasses(entries, classes);
            addClasses(entries, Path.of("target/classes"), "io/github/expogguf/launch");
        }
        return jar;
    }

    private static void addClasses(JarOutputStream jar, Path root, String... folder) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(root.resolve(Path.of("", folder)))) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            jar.putNextEntry(new JarEntry(root.relativize(file).toString().replace('\\', '/')));
            Files.copy(file, jar);
        }
    }

    static String text(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
