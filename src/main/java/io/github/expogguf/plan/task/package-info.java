/**
 * What goes into each tensor of the output: the tensors of the models, adapters and further deltas, and how they
 * combine.
 */
@NullMarked
package io.github.expogguf.plan.task;

import org.jspecify.annotations.NullMarked;
