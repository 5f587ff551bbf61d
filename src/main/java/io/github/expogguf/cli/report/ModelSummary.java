package io.github.expogguf.cli.report;

import io.github.expogguf.gguf.FileType;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import java.util.Optional;

/**
 * The figures at the top of {@code inspect}.
 *
 * @param version      GGUF version of the first file
 * @param alignment    bytes
 * @param architecture as in the metadata; may be empty
 * @param fileType     name for {@code general.file_type}, or its number where that is unknown
 * @param weights      elements of all tensors
 * @param tensorBytes  bytes of all tensors, without padding
 * @param fileBytes    bytes of all files
 */
record ModelSummary(
        int version,
        int alignment,
        String architecture,
        Optional<String> fileType,
        long weights,
        long tensorBytes,
        long fileBytes) {

    static ModelSummary of(GgufModel model) {
        GgufFile first = model.files().getFirst();
        ModelHeader header = model.header();
        return new ModelSummary(
                first.version(),
                first.alignment(),
                header.metadata().architecture(),
                fileType(header),
                header.tensors().stream()
                        .mapToLong(tensor -> tensor.shape().elementCount())
                        .sum(),
                header.tensors().stream().mapToLong(TensorInfo::byteCount).sum(),
                model.files().stream().mapToLong(GgufFile::fileBytes).sum());
    }

    private static Optional<String> fileType(ModelHeader header) {
        return header.metadata().integer("general.file_type").stream()
                .mapToObj(id -> FileType.nameOf(id).orElse(Long.toString(id)))
                .findFirst();
    }

    double bitsPerWeight() {
        return weights == 0 ? 0 : 8.0 * tensorBytes / weights;
    }
}
