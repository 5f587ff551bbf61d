/**
 * Whether two models are a pair: hyper-parameters, tensors and their layouts, tokens, blocks for multi-token
 * prediction.
 */
@NullMarked
package io.github.expogguf.plan.pair;

import org.jspecify.annotations.NullMarked;
