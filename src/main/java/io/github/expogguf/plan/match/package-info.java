/**
 * Rules for tensors by name: expressions that take time in proportion to a name, and the first of many that matches.
 */
@NullMarked
package io.github.expogguf.plan.match;

import org.jspecify.annotations.NullMarked;
