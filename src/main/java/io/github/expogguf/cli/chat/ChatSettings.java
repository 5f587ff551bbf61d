package io.github.expogguf.cli.chat;

import io.github.expogguf.infer.GenerationOptions;

/**
 * How a chat begins.
 *
 * @param generation how answers are generated
 * @param system     instructions for the model; none if blank
 */
record ChatSettings(GenerationOptions generation, String system) {}
