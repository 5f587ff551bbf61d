package io.github.expogguf.plan.task;

/** What one adapter does to one tensor. */
public sealed interface AdapterChange permits LowRank, WholeTensor {

    /** {@return the number of the adapter among the inputs of a plan} */
    int model();
}
