/** Which types to give to the tensors so that a file of a certain size differs least: prices, and how to spend. */
@NullMarked
package io.github.expogguf.plan.budget;

import org.jspecify.annotations.NullMarked;
