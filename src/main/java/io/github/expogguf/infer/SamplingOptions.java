package io.github.expogguf.infer;

/**
 * How the next token is chosen; names, order (top-k, top-p, min-p, temperature) and meaning are llama.cpp's.
 *
 * @param temperature divides the logits; 0 chooses the most likely token always, and the rest is then ignored
 * @param topK        keeps this many of the most likely tokens; 0 keeps all
 * @param topP        keeps the most likely tokens until they have this probability together; 1 keeps all
 * @param minP        keeps tokens with at least this share of the most likely token's probability; 0 keeps all
 * @param seed        unsigned 32-bit seed; the prompt at index {@code i} of a call is sampled with {@code seed + i},
 *                    so that an answer does not depend on the other prompts
 */
public record SamplingOptions(float temperature, int topK, float topP, float minP, int seed) {

    /** Checks the numbers. */
    public SamplingOptions {
        require(temperature >= 0 && Float.isFinite(temperature), "temperature", temperature, "0 or more");
        require(topK >= 0, "topK", topK, "0 or more");
        require(topP > 0 && topP <= 1, "topP", topP, "more than 0 and at most 1");
        require(minP >= 0 && minP <= 1, "minP", minP, "0 to 1");
    }

    /** The most likely token, always. */
    public static SamplingOptions greedy() {
        return new SamplingOptions(0, 0, 1, 0, 0);
    }

    /**
     * What llama.cpp's programs do unless told otherwise (common_params_sampling, common.h v0.5.0), with a fixed
     * seed.
     */
    public static SamplingOptions seeded(int seed) {
        return new SamplingOptions(0.8f, 40, 0.95f, 0.05f, seed);
    }

    /** Whether the most likely token is chosen always. */
    public boolean isGreedy() {
        return temperature == 0;
    }

    /** Same, at this temperature. */
    public SamplingOptions withTemperature(float value) {
        return new SamplingOptions(value, topK, topP, minP, seed);
    }

    /** Same, with this seed. */
    public SamplingOptions withSeed(int value) {
        return new SamplingOptions(temperature, topK, topP, minP, value);
    }

    private static void require(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + ", expected " + expected);
        }
    }
}
