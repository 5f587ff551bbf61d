package io.github.expogguf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.demo.DemoModel;
import io.github.expogguf.demo.DemoPrompt;
import io.github.expogguf.demo.DemoResult;
import io.github.expogguf.demo.GuideReward;
import io.github.expogguf.gguf.FileType;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** The demonstration itself is tested where it lives; this is what the command makes of a result. */
class DemoCommandTest {

    private static DemoModel model(OptionalDouble alpha) {
        String answer = "That would be Lima.";
        return new DemoModel(
                FileType.F16,
                alpha,
                List.of(new DemoModel.Answer(answer, GuideReward.attributes("What is the capital of Peru?", answer))));
    }

    @Test
    void jsonHoldsEveryModelAndAnswer() {
        DemoResult result = new DemoResult(
                List.of(new DemoPrompt("What is the capital of Peru?", "capital", "Lima")),
                List.of(model(OptionalDouble.empty()), model(OptionalDouble.of(0)), model(OptionalDouble.of(1.5))),
                2_000_000_000L);

        JsonObject document =
                JsonParser.parseString(Json.text(DemoCommand.document(result))).getAsJsonObject();

        assertThat(document.get("schema").getAsString()).isEqualTo("expo-gguf/demo/1");
        assertThat(document.get("elapsedSeconds").getAsDouble()).isEqualTo(2.0);
        JsonArray models = document.getAsJsonArray("models");
        assertThat(models).hasSize(3);
        assertThat(models.get(0).getAsJsonObject().get("alpha").isJsonNull()).isTrue();
        assertThat(models.get(2).getAsJsonObject().get("alpha").getAsDouble()).isEqualTo(1.5);
        JsonObject answer =
                models.get(2).getAsJsonObject().getAsJsonArray("answers").get(0).getAsJsonObject();
        assertThat(answer.get("response").getAsString()).isEqualTo("That would be Lima.");
        assertThat(answer.get("reward").getAsDouble()).isEqualTo(2.0);
    }
}
