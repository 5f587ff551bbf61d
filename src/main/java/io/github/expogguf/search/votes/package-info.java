/**
 * Finds alpha by ear: pairs of answers are heard blind, and a curve over alpha is fitted to which of them was better.
 * Pure but for the log. May depend on {@code search} and below.
 */
@NullMarked
package io.github.expogguf.search.votes;

import org.jspecify.annotations.NullMarked;
