package consumer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@link Consumer} after another class loader has loaded the libraries that ours were made of, with the names that they
 * were published with: {@code DIRECTORY} and then its arguments.
 */
public final class BesidePublished {

    private BesidePublished() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        Class<?> other = ClassLoaders.load(BesidePublished.class);
        other.getMethod("load", String.class).invoke(null, arguments[0]);
        Consumer.main(Arrays.copyOfRange(arguments, 1, arguments.length));
    }

    /** Called in the other class loader. */
    public static void load(String directory) throws Exception {
        for (String part : List.of("ggml-base", "ggml", "llama")) {
            try (Stream<Path> files = Files.list(Path.of(directory))) {
                Path library = files.filter(file ->
                                file.getFileName().toString().matches("(lib)?" + part + "([.].*)?[.](so|dylib|dll)"))
                        .findFirst()
                        .orElseThrow();
                System.load(library.toAbsolutePath().toString());
                System.out.println("loaded before: " + library.getFileName());
            }
        }
    }
}
