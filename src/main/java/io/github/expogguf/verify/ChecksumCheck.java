package io.github.expogguf.verify;

import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.metadata.Checksums;
import io.github.expogguf.text.Escape;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Compares a file with the checksums that it carries, whatever the order of its tensors and however it is split. */
final class ChecksumCheck {

    private static final int WRITTEN_VERSION = 3; // GGUF_VERSION, in which every file with checksums was written

    private ChecksumCheck() {}

    /**
     * Compares what can be compared without the data: the metadata, and the names, types and shapes of the tensors.
     *
     * @return what differs
     */
    public static List<Finding> header(GgufModel model, Checksums recorded) {
        List<Finding> findings = new ArrayList<>();
        ModelHeader header = model.header();
        int metadata = Checksums.ofMetadata(header.metadata());
        if (metadata != recorded.metadata()) {
            findings.add(Finding.ofFile("the metadata changed since it was written: CRC-32C " + hex(metadata)
                    + ", recorded " + hex(recorded.metadata())));
        }
        int version = model.files().getFirst().version();
        if (version != WRITTEN_VERSION) {
            findings.add(Finding.ofFile("GGUF version " + version + ", written was " + WRITTEN_VERSION));
        }
        TreeSet<String> missing = new TreeSet<>(recorded.tensors().keySet());
        for (TensorInfo tensor : header.tensors()) {
            missing.remove(tensor.name());
            Checksums.Entry entry = recorded.tensors().get(tensor.name());
            if (entry == null) {
                findings.add(new Finding(tensor.name(), "is there, but has no checksum: it was not written so"));
            } else if (!entry.fits(tensor)) {
                findings.add(new Finding(
                        tensor.name(),
                        "is " + tensor.type() + " " + tensor.shape() + ", written was "
                                + Escape.text(entry.typeAndShape())));
            }
        }
        missing.forEach(name -> findings.add(new Finding(name, "is missing, but was written")));
        return findings;
    }

    /**
     * Compares the data of tensors.
     *
     * @param crc32c checksums of the data as it is now, by name of the tensor
     * @return tensors whose data differs
     */
    public static List<Finding> data(Map<String, Integer> crc32c, Checksums recorded) {
        List<Finding> findings = new ArrayList<>();
        crc32c.forEach((name, now) -> {
            Checksums.Entry entry = recorded.tensors().get(name);
            if (entry != null && entry.crc32c() != now) {
                findings.add(new Finding(
                        name,
                        "data changed since it was written: CRC-32C " + hex(now) + ", recorded "
                                + hex(entry.crc32c())));
            }
        });
        return findings;
    }

    private static String hex(int crc32c) {
        return HexFormat.of().toHexDigits(crc32c);
    }
}
