package io.github.expogguf.plan.budget;

import io.github.expogguf.gguf.GgmlType;

/**
 * A tensor in one type.
 *
 * @param type  what it would be written in
 * @param bytes what that costs
 * @param loss  what it does to the model's output, in a unit that all tensors share
 */
public record Offer(GgmlType type, long bytes, double loss) {}
