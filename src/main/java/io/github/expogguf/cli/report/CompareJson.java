package io.github.expogguf.cli.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.compare.DeltaDistance;
import io.github.expogguf.compare.DeltaSums;
import io.github.expogguf.compare.PairComparison;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.compare.TensorDelta;
import io.github.expogguf.text.Words;
import java.util.List;

/** A comparison for programs. */
public final class CompareJson {

    private CompareJson() {}

    public static JsonObject document(PairComparison pair, PairNames names) {
        JsonObject document = Json.document("compare");
        document.addProperty("sft", names.sft());
        document.addProperty("aligned", names.aligned());
        document.add("remarks", remarks(pair.remarks()));
        document.add("differences", Json.strings(pair.differences()));
        VocabularyJson.addTo(document, pair.sft(), pair.aligned());
        JsonObject all = sums(pair.total());
        all.add("noise", Json.number(pair.noise()));
        document.add("all", all);
        document.add("layers", groups(DeltaGroup.byLayer(pair)));
        document.add("kinds", groups(DeltaGroup.byKind(pair)));
        DeltaDistance.of(pair)
                .alphaAt(DeltaDistance.SUGGESTED)
                .ifPresent(alpha -> document.addProperty("alphaAtSuggestedDistance", alpha));
        JsonArray tensors = new JsonArray();
        pair.tensors().forEach(tensor -> tensors.add(tensor(tensor)));
        document.add("tensors", tensors);
        return document;
    }

    static JsonArray remarks(List<Remark> remarks) {
        JsonArray array = new JsonArray();
        for (Remark remark : remarks) {
            JsonObject object = new JsonObject();
            object.addProperty("weight", Words.hyphened(remark.weight()));
            object.addProperty("text", remark.text());
            array.add(object);
        }
        return array;
    }

    private static JsonArray groups(List<DeltaGroup> groups) {
        JsonArray array = new JsonArray();
        for (DeltaGroup group : groups) {
            JsonObject object = new JsonObject();
            object.addProperty("name", group.name());
            sums(group.sums()).entrySet().forEach(entry -> object.add(entry.getKey(), entry.getValue()));
            array.add(object);
        }
        return array;
    }

    private static JsonObject tensor(TensorDelta tensor) {
        JsonObject object = new JsonObject();
        object.addProperty("name", tensor.name());
        object.add("shape", Json.longs(tensor.aligned().shape().dimensions()));
        object.addProperty("sftType", tensor.sft().type().name());
        object.addProperty("alignedType", tensor.aligned().type().name());
        sums(tensor.sums()).entrySet().forEach(entry -> object.add(entry.getKey(), entry.getValue()));
        object.add("medianDelta", Json.number(tensor.median()));
        object.add("p99Delta", Json.number(tensor.p99()));
        object.add("noise", Json.number(tensor.noise()));
        if (tensor.rankOneShare().isPresent()) {
            object.add("rankOneShare", Json.number(tensor.rankOneShare().getAsDouble()));
        }
        return object;
    }

    private static JsonObject sums(DeltaSums sums) {
        JsonObject object = new JsonObject();
        object.addProperty("weights", sums.elements());
        object.addProperty("changed", sums.changed());
        object.add("relativeNorm", Json.number(sums.relativeNorm()));
        object.add("cosine", Json.number(sums.cosine()));
        object.add("deltaRms", Json.number(sums.deltaRms()));
        object.add("maxDelta", Json.number(sums.maxDelta()));
        return object;
    }
}
