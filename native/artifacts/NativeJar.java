package artifacts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * Makes the artifacts that bring llama.cpp's libraries, one for each platform: a module that provides them as a service,
 * for the module path, with the files where the class path finds them by name.
 *
 * <p>{@code java native/artifacts/NativeJar.java PLATFORM[,PLATFORM...] LIBRARIES CLASSES TIME JAR}: the directory that
 * holds one of libraries for each platform, that of the compiled classes with their module descriptor, the time that all
 * entries get, and what the names of the jars begin with.
 */
public final class NativeJar {

    private static final String SERVICE = "io.github.expogguf.NativeBundle";

    private final String platform;
    private final String module;
    private final JarEntries entries = new JarEntries();

    private NativeJar(String platform) {
        this.platform = platform;
        this.module = "io.github.expogguf.natives." + platform.replace('-', '.');
    }

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        for (String platform : arguments[0].split(",")) {
            NativeJar jar = new NativeJar(platform);
            jar.addLibraries(Path.of(arguments[1], platform));
            jar.addProvider(Path.of(arguments[2]));
            jar.entries.write(Path.of(arguments[4] + "-natives-" + platform + ".jar"), arguments[3]);
        }
    }

    private void addLibraries(Path directory) throws IOException {
        if (!Files.isRegularFile(directory.resolve("files.txt"))) {
            throw new IOException(
                    "no libraries in " + directory + ": make native PLATFORM=" + platform + " fetches them");
        }
        entries.addAll(directory, "native/" + platform + "/");
        entries.add("META-INF/LICENSE.llama.cpp", Files.readAllBytes(directory.resolve("LICENSE.llama.cpp")));
    }

    private void addProvider(Path classes) throws IOException {
        Path work = Files.createTempDirectory("native-jar");
        try {
            Path source = Files.createDirectories(work.resolve("source"));
            List<String> command = new ArrayList<>(List.of(
                    "--release",
                    "25",
                    "-Xlint:-module",
                    "--module-path",
                    classes.toString(),
                    "-d",
                    work.resolve("classes").toString()));
            for (Map.Entry<String, String> each : sources().entrySet()) {
                Path file = source.resolve(each.getKey());
                Files.createDirectories(file.getParent());
                command.add(Files.writeString(file, each.getValue()).toString());
            }
            JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
            if (compiler.run(null, null, null, command.toArray(String[]::new)) != 0) {
                throw new IOException("the service of " + platform + " does not compile");
            }
            entries.addAll(work.resolve("classes"), "");
        } finally {
            delete(work);
        }
        entries.add("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        entries.add("META-INF/services/" + SERVICE, (module + ".Bundle\n").getBytes(StandardCharsets.UTF_8));
    }

    private Map<String, String> sources() {
        return Map.of(
                "module-info.java",
                """
                /** llama.cpp's libraries for %2$s. */
                module %1$s {
                    requires io.github.expogguf;

                    provides %3$s with
                            %1$s.Bundle;
                }
                """.formatted(module, platform, SERVICE),
                module.replace('.', '/') + "/Bundle.java",
                """
                package %1$s;

                import java.net.URL;
                import java.util.Optional;

                /** The files of this artifact. */
                public final class Bundle implements %3$s {

                    /** Made by the service loader. */
                    public Bundle() {}

                    @Override
                    public String platform() {
                        return "%2$s";
                    }

                    @Override
                    public Optional<URL> resource(String name) {
                        return Optional.ofNullable(Bundle.class.getResource("/native/%2$s/" + name));
                    }
                }
                """.formatted(module, platform, SERVICE));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
