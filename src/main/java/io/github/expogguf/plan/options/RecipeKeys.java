package io.github.expogguf.plan.options;

/** What the metadata keys that this program writes begin with. */
public final class RecipeKeys {

    /** Of all of them. */
    public static final String PREFIX = "expo.";

    /** Of those that say how alpha was chosen. */
    public static final String EVIDENCE = PREFIX + "search.";

    private RecipeKeys() {}
}
