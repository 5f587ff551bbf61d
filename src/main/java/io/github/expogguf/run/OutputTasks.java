package io.github.expogguf.run;

import io.github.expogguf.plan.TensorTask;
import java.util.List;

/**
 * What is computed for one output.
 *
 * @param tasks      one for every tensor of the aligned model, in its order
 * @param importance the weights that the tasks use
 */
record OutputTasks(List<TensorTask> tasks, ImportanceTable importance) {}
