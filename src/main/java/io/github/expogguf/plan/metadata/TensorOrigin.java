package io.github.expogguf.plan.metadata;

/**
 * What the bytes of a tensor follow from, beside its type and the bytes of the input files, as numbers: two tensors
 * with the same ones are computed in the same way.
 *
 * @param inputs     which tensors of which models, in which order of rows
 * @param adapters   what adapters change, with their weights; 0 where none does
 * @param alpha      alpha, rank, the step that is predicted, and the weights of further differences; 0 where nothing is
 *                   extrapolated
 * @param rounding   how an extrapolated tensor is rounded; 0 for others
 * @param importance the importances that weigh its columns; 0 where the type reads none or there are none
 */
public record TensorOrigin(long inputs, long adapters, long alpha, long rounding, long importance) {}
