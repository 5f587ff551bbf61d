/**
 * What a caller asks for: alpha, types, rules for tensors by name, rounding, metadata. Values that check themselves.
 */
@NullMarked
package io.github.expogguf.plan.options;

import org.jspecify.annotations.NullMarked;
