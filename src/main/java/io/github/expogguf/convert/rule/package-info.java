/**
 * Which safetensors tensors, rearranged how, make each tensor of a GGUF: rules as data, in rules.txt. Knows names and
 * numbers alone, no file of weights.
 */
@NullMarked
package io.github.expogguf.convert.rule;

import org.jspecify.annotations.NullMarked;
