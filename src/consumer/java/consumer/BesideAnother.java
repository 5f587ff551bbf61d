package consumer;

import java.util.Arrays;

/**
 * {@link Consumer} in a process that has another binding of llama.cpp, loaded before or after: {@code before|after} and
 * then its arguments. The other one has its class path in the system property {@code neighbour}.
 */
public final class BesideAnother {

    private BesideAnother() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        String[] ours = Arrays.copyOfRange(arguments, 1, arguments.length);
        if (arguments[0].equals("before")) {
            ask(ours[1]);
            Consumer.main(ours);
        } else {
            Consumer.main(ours);
            ask(ours[1]);
            Consumer.main(ours);
        }
        System.exit(0); // the other one leaves a thread that keeps the JVM
    }

    /** Has the other binding load a model and complete a text. */
    private static void ask(String model) throws Exception {
        Class<?> parameters = Class.forName("de.kherud.llama.ModelParameters");
        Object asked = parameters.getDeclaredConstructor().newInstance();
        parameters.getMethod("setModel", String.class).invoke(asked, model);
        Class<?> llama = Class.forName("de.kherud.llama.LlamaModel");
        try (AutoCloseable loaded =
                (AutoCloseable) llama.getConstructor(parameters).newInstance(asked)) {
            Class<?> inference = Class.forName("de.kherud.llama.InferenceParameters");
            Object prompt = inference.getConstructor(String.class).newInstance("The city");
            inference.getMethod("setNPredict", int.class).invoke(prompt, 8);
            System.out.println("the other binding: "
                    + llama.getMethod("complete", inference).invoke(loaded, prompt));
        }
    }
}
