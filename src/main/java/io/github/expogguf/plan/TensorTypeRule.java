package io.github.expogguf.plan;

import io.github.expogguf.gguf.GgmlType;
import java.util.regex.Pattern;

/**
 * {@code --tensor-type REGEX=TYPE} of llama-quantize: tensors whose name contains a match get the type; the first rule that
 * matches wins.
 */
public record TensorTypeRule(Pattern name, GgmlType type) {}
