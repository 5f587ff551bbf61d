package consumer;

import io.github.expogguf.runtime.LlamaRuntime;

/** {@link Consumer}, after it has said what llama.cpp can compute with here, and why not with the rest. */
public final class Backends {

    private Backends() {}

    /** See the class. */
    public static void main(String[] arguments) throws Exception {
        LlamaRuntime.load().backends().forEach(backend -> System.out.println("backend " + backend));
        Consumer.main(arguments);
    }
}
