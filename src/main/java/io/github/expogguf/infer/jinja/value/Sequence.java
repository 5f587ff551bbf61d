package io.github.expogguf.infer.jinja.value;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list or a tuple. */
public sealed interface Sequence extends Sized permits PyList, PyTuple {

    /** Its members, null among them. */
    List<@Nullable Object> items();

    @Override
    default long length() {
        return items().size();
    }
}
