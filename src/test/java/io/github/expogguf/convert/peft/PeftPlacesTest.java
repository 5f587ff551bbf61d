package io.github.expogguf.convert.peft;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.expogguf.convert.config.ModelNumbers;
import io.github.expogguf.convert.gather.Gathering;
import io.github.expogguf.convert.proof.Conversion;
import io.github.expogguf.convert.proof.ConvertedTensor;
import io.github.expogguf.convert.rule.NumberSource;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.safetensors.SafetensorsTensor;
import io.github.expogguf.testing.FolderFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each tensor of a checkpoint alone goes where the values of the whole one say that it belongs, or is refused. */
class PeftPlacesTest {

    static Stream<String> names() throws IOException {
        return FolderFixture.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void oneTensorAloneIsPlacedRightOrNotAtAll(String name) throws IOException {
        FolderFixture fixture = FolderFixture.of(name);
        List<String> wrong = new ArrayList<>();
        int placed = 0;
        try (GgufModel template = GgufModel.open(fixture.template());
                Checkpoint checkpoint = Checkpoint.open(fixture.aligned())) {
            Map<String, Gathering> proven = new LinkedHashMap<>();
            for (ConvertedTensor tensor :
                    Conversion.of(name, checkpoint, template, true).tensors()) {
                tensor.gathering()
                        .ifPresent(gathering -> proven.put(tensor.tensor().name(), gathering));
            }
            NumberSource numbers = new ModelNumbers(
                    template.header().metadata(), checkpoint.config().orElse(Map.of()));
            PeftPlaces places = new PeftPlaces(template.header(), numbers, new ArrayList<>());
            for (SafetensorsTensor alone : checkpoint.tensors().values()) {
                long[] shape = alone.shape().stream().mapToLong(Long::longValue).toArray();
                Map<TensorInfo, Gathering> found = places.find(
                        source -> source.equals(alone.name()) ? Optional.of(shape) : Optional.empty(), true);
                for (Map.Entry<TensorInfo, Gathering> entry : found.entrySet()) {
                    placed++;
                    Gathering right = proven.get(entry.getKey().name());
                    if (!entry.getValue().equals(right)) {
                        wrong.add(alone.name() + " as " + entry.getKey().name());
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(placed).isPositive();
    }
}
