package io.github.expogguf.convert.proof;

import io.github.expogguf.convert.gather.Gathering;
import io.github.expogguf.convert.gather.Part;
import io.github.expogguf.gguf.TensorInfo;
import java.util.List;
import java.util.Optional;

/**
 * Where a tensor of a converted model comes from.
 *
 * @param tensor    as the model has it
 * @param template  that of the template
 * @param rule      that explains it, for people
 * @param gathering where its elements are; empty where they are the template's
 * @param closeness to the template's weights
 */
public record ConvertedTensor(
        TensorInfo tensor, TensorInfo template, String rule, Optional<Gathering> gathering, Closeness closeness) {

    /** Names of the tensors that its values come from; none where they are the template's. */
    public List<String> sources() {
        return gathering.stream()
                .flatMap(all -> all.parts().stream().map(Part::source))
                .distinct()
                .toList();
    }
}
