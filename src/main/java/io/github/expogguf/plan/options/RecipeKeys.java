package io.github.expogguf.plan.options;

/** What the metadata keys that this program writes begin with. */
public final class RecipeKeys {

    /** Of all of them. */
    public static final String PREFIX = "expo.";

    /** Of those that say how alpha was chosen. */
    public static final String EVIDENCE = PREFIX + "search.";

    /** Of those that say of which repositories the models are; {@code aligned} and {@code sft} follow. */
    public static final String REPOSITORY = EVIDENCE + "repository.";

    private RecipeKeys() {}
}
