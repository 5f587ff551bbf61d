package consumer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** {@link Consumer} in two class loaders, which have a copy of expo-gguf each, at a time. */
public final class TwoCopies {

    private TwoCopies() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        List<Callable<Object>> copies = new ArrayList<>();
        for (int copy = 1; copy <= 2; copy++) {
            String[] own = arguments.clone();
            own[3] = arguments[3].replace(".gguf", "-" + copy + ".gguf");
            Class<?> consumer = ClassLoaders.load(Consumer.class);
            copies.add(() -> consumer.getMethod("main", String[].class).invoke(null, (Object) own));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(copies.size())) {
            for (Future<Object> each : threads.invokeAll(copies)) {
                each.get();
            }
        }
    }
}
