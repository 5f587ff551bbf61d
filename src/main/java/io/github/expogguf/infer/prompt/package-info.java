/**
 * What a model is sent: conversations, chat templates, and what stands around them. Evaluates with infer.jinja; no
 * native code but the families that are asked for by name.
 */
@NullMarked
package io.github.expogguf.infer.prompt;

import org.jspecify.annotations.NullMarked;
