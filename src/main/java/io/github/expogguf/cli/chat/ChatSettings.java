package io.github.expogguf.cli.chat;

import io.github.expogguf.infer.GenerationOptions;
import java.util.List;

/**
 * How a chat begins.
 *
 * @param generation how answers are generated
 * @param system     instructions for the model; none if blank
 * @param compared   alphas at which every message is answered; none for that of the chat alone
 */
record ChatSettings(GenerationOptions generation, String system, List<Float> compared) {}
