package io.github.expogguf.infer.jinja;

import java.util.List;
import java.util.Map;

/** What a template can call. */
interface Callable {

    /** The name of its type in Python. */
    String typeName();

    Object call(List<Object> positional, Map<String, Object> named) throws JinjaException;
}
