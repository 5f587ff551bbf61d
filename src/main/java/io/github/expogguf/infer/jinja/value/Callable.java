package io.github.expogguf.infer.jinja.value;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a template can call. */
public interface Callable extends PyValue {

    @Nullable
    Object call(List<@Nullable Object> positional, Map<String, @Nullable Object> named) throws JinjaException;
}
