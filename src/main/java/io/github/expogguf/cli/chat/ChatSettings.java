package io.github.expogguf.cli.chat;

import io.github.expogguf.infer.SamplingOptions;

/**
 * How a chat begins.
 *
 * @param sampling  how words are chosen
 * @param maxTokens most tokens of an answer
 * @param system    instructions for the model; none if blank
 */
record ChatSettings(SamplingOptions sampling, int maxTokens, String system) {}
