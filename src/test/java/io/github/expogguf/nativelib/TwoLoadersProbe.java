package io.github.expogguf.nativelib;

import io.github.expogguf.bindings.Llama;
import io.github.expogguf.bindings.gguf_init_params;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Main class, started by {@link NeighboursTest}: two class loaders with a copy of all classes each. Arguments: two
 * files, one to be removed by each copy when native code gives up; without any, native code goes on.
 */
final class TwoLoadersProbe {

    private static final int ROUNDS = 200;

    private TwoLoadersProbe() {}

    public static void main(String[] arguments) throws Exception {
        List<Function<String, Map<String, String>>> copies = List.of(copy(), copy());
        for (int i = 0; i < arguments.length; i++) {
            var _ = copies.get(i).apply("remove " + arguments[i]);
        }
        List<Callable<String>> tasks = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            String file = "no-such-file-" + round;
            for (Function<String, Map<String, String>> copy : copies) {
                tasks.add(() -> copy.apply("open " + file).get("heard").contains(file) ? "heard" : "missed");
            }
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<String> heard = new ArrayList<>();
            for (Future<String> each : threads.invokeAll(tasks)) {
                heard.add(each.get());
            }
            System.out.println(heard.stream().filter("heard"::equals).count() + " heard, loaded "
                    + copies.getFirst().apply("version").equals(copies.getLast().apply("version")));
        }
        if (arguments.length > 0) {
            var _ = copies.getLast().apply("abort");
        }
    }

    /** What {@link Inside} does in a class loader of its own. */
    @SuppressWarnings("unchecked") // a function of the JDK's types
    private static Function<String, Map<String, String>> copy() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(url(entry));
        }
        ClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        return (Function<String, Map<String, String>>) loader.loadClass(Inside.class.getName())
                .getDeclaredConstructor()
                .newInstance();
    }

    private static URL url(String entry) throws MalformedURLException {
        return Path.of(entry).toUri().toURL();
    }

    /** One copy. */
    public static final class Inside implements Function<String, Map<String, String>> {

        /** Called by reflection. */
        public Inside() {}

        @Override
        public Map<String, String> apply(String what) {
            String[] words = what.split(" ", 2);
            switch (words[0]) {
                case "open" -> {
                    return Map.of("heard", open(words[1]));
                }
                case "remove" -> {
                    NativeLibrary.load();
                    NativeAbort.onAbort(() -> remove(Path.of(words[1])));
                }
                case "abort" -> {
                    try (NativeWork _ = NativeWork.begin(() -> "the second copy")) {
                        AbortProbe.abort();
                    }
                }
                default -> {
                    return Map.of("version", NativeLibrary.load().llamaVersion());
                }
            }
            return Map.of();
        }

        private static String open(String file) {
            NativeLibrary.load();
            try (Arena arena = Arena.ofConfined();
                    NativeLog.Capture words = NativeLog.captureQuietly()) {
                Llama.gguf_init_from_file(arena.allocateFrom(file), arena.allocate(gguf_init_params.layout()));
                return words.lines().size() == 1 ? words.text() : words.lines().toString();
            }
        }

        private static void remove(Path file) {
            try {
                Files.delete(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
