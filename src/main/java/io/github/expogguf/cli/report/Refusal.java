package io.github.expogguf.cli.report;

import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.ExitCode;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.plan.Plan;
import io.github.expogguf.text.Words;
import java.util.List;
import java.util.Optional;

/**
 * Why nothing is written, and what of it needs no warning beside it.
 *
 * @param reason   of what kind it is
 * @param failure  with what insists
 * @param remedies what goes on, each as the failure says it; none where other models are needed
 * @param littleOf the plan of which it tells how little of alpha would arrive
 */
public record Refusal(Reason reason, RuntimeException failure, List<String> remedies, Optional<Plan> littleOf) {

    /** What programs tell refusals apart by. */
    public enum Reason {
        SAME_MODELS,
        TOO_FAR,
        /** Most of what is added may be rounding of the inputs. */
        ROUNDED_INPUTS,
        /** Too little would arrive in the type of the inputs, whose rounding is fine enough. */
        LITTLE_ARRIVES,
        NO_MODEL,
        QUANTIZED_ALREADY
    }

    Refusal(Reason reason, RuntimeException failure, String... remedies) {
        this(reason, failure, List.of(remedies), Optional.empty());
    }

    /** Whether it tells how much of the models' difference is or may be rounding. */
    boolean saysRounding() {
        return reason == Reason.ROUNDED_INPUTS || reason == Reason.SAME_MODELS;
    }

    /** For programs: what the error of the command that refuses it would say, and why. */
    JsonObject json() {
        ExitCode exitCode = failure instanceof IllegalArgumentException ? ExitCode.USAGE : ExitCode.of(failure);
        JsonObject json = new JsonObject();
        json.addProperty("reason", Words.hyphened(reason));
        json.addProperty("kind", exitCode.label());
        json.addProperty("exitCode", exitCode.code());
        json.addProperty("message", Failures.describe(failure));
        json.add("remedies", Json.strings(remedies));
        return json;
    }
}
