/**
 * Describes written models for people and for other programs: a model card and an Ollama Modelfile, from what the files
 * say themselves. All of that may be a stranger's, and is escaped. Depends on {@code gguf} and {@code plan}.
 */
@NullMarked
package io.github.expogguf.card;

import org.jspecify.annotations.NullMarked;
