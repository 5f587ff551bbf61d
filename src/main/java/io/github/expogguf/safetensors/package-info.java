/**
 * Checkpoints as Hugging Face publishes them: files in safetensors, alone or as the shards of a folder, and the
 * configuration beside them. Plain Java; reads headers completely and data with positional reads, never mapped.
 */
@NullMarked
package io.github.expogguf.safetensors;

import org.jspecify.annotations.NullMarked;
