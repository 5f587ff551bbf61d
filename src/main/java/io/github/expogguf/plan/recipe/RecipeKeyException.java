package io.github.expogguf.plan.recipe;

import java.io.Serial;

/** A key of a {@link WrittenRecipe} that there is not, or that is given what it cannot take. */
public final class RecipeKeyException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** As it was written. */
    private final String key;

    RecipeKeyException(String key, IllegalArgumentException cause) {
        super(cause.getMessage(), cause);
        this.key = key;
    }

    /** {@return the key, as it was written; the message does not name it} */
    public String key() {
        return key;
    }
}
