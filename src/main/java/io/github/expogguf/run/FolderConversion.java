package io.github.expogguf.run;

import io.github.expogguf.convert.ConvertedModel;
import io.github.expogguf.convert.proof.ConvertedTensor;
import io.github.expogguf.gguf.GgmlType;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.text.Elements;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How a folder of Hugging Face became a model with the tensors of a GGUF, and why each is taken for what it is.
 *
 * @param name    of the folder
 * @param path    of the folder or file, as it was given
 * @param tensors in the order of the template
 * @param unused  names of tensors in the folder that nothing is made of, each with the reason, empty where none is
 *                known
 */
public record FolderConversion(String name, Path path, List<Tensor> tensors, Map<String, String> unused) {

    /**
     * One tensor.
     *
     * @param name         in the GGUF
     * @param rule         that explains it: names of tensors in the folder and what is done to their elements;
     *                     {@code template} where a converter computes it from config.json
     * @param sources      names of tensors in the folder that its values come from; none where they are the template's
     * @param type         in which its values lose nothing
     * @param templateType that of the template
     * @param distance     from the template's weights, in a sample of at least 16 rows: root of the mean square of the
     *                     differences by that of the template's weights
     * @param cosine       of the angle between the sample and the template's weights
     * @param reversed     values of the template in the sample that are in another order than the folder's among 16
     *                     neighbours, which rounding never does; 0 where several values are rounded together, for
     *                     vectors, and of an SFT model, which training moved
     */
    public record Tensor(
            String name,
            String rule,
            List<String> sources,
            GgmlType type,
            GgmlType templateType,
            double distance,
            double cosine,
            int reversed) {

        /** Copies the list. */
        public Tensor {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(rule, "rule");
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(templateType, "templateType");
            sources = Elements.copy(sources, "sources");
        }

        /** {@return whether the values are the template's own} */
        public boolean isOfTemplate() {
            return sources.isEmpty();
        }

        private static Tensor of(ConvertedTensor converted) {
            return new Tensor(
                    converted.tensor().name(),
                    converted.rule(),
                    converted.sources(),
                    converted.tensor().type(),
                    converted.template().type(),
                    converted.closeness().distance(),
                    converted.closeness().cosine(),
                    converted.closeness().reversed());
        }
    }

    /** Copies the collections. */
    public FolderConversion {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(path, "path");
        tensors = Elements.copy(tensors, "tensors");
        unused = Elements.copy(unused, "unused");
    }

    static Optional<FolderConversion> of(SourceModel model) {
        return model instanceof ConvertedModel converted
                ? Optional.of(new FolderConversion(
                        converted.header().name(),
                        converted.path(),
                        converted.evidence().stream().map(Tensor::of).toList(),
                        converted.unused()))
                : Optional.empty();
    }
}
