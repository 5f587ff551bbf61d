package io.github.expogguf.cli.report;

import com.google.gson.FormattingStyle;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.stream.JsonWriter;
import io.github.expogguf.cli.terminal.Json;
import io.github.expogguf.cli.terminal.JsonOutput;
import io.github.expogguf.compare.Remark;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.MetadataType;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import io.github.expogguf.plan.pair.BlockCount;
import io.github.expogguf.plan.task.AdapterSummary;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model as JSON.
 *
 * @param model open model
 * @param full  whether arrays and very long strings are complete; otherwise they are cut and say so
 */
public record ModelJson(GgufModel model, boolean full) {

    /** Chat templates are far shorter. */
    private static final int MAX_STRING_BYTES = 1 << 16;

    private static final int PIECE = 1 << 13; // characters

    public void write(JsonOutput out, boolean metadata, boolean tensors) throws IOException {
        JsonWriter json = Json.writer(out);
        json.beginObject();
        for (Map.Entry<String, JsonElement> member : summary().entrySet()) {
            json.name(member.getKey());
            Json.write(member.getValue(), json);
        }
        if (metadata) {
            json.name("metadata").beginObject();
            for (Map.Entry<String, MetadataValue> pair :
                    model.header().metadata().asMap().entrySet()) {
                json.name(pair.getKey());
                write(pair.getValue(), json, out);
            }
            json.endObject();
        }
        if (tensors) {
            json.name("tensors").beginArray();
            for (TensorInfo tensor : model.header().tensors()) {
                Json.write(json(tensor), json);
            }
            json.endArray();
        }
        json.endObject();
    }

    private JsonObject summary() {
        ModelSummary summary = ModelSummary.of(model);
        JsonObject document = Json.document("inspect");
        document.add("files", files());
        document.addProperty("version", summary.version());
        document.addProperty("alignment", summary.alignment());
        document.addProperty("architecture", summary.architecture());
        document.addProperty("fileType", summary.fileType().orElse(null));
        document.addProperty("weights", summary.weights());
        document.addProperty("bitsPerWeight", summary.bitsPerWeight());
        document.addProperty("bytes", summary.fileBytes());
        List<Remark> remarks = new ArrayList<>();
        BlockCount.problems(model.header()).forEach(problem -> remarks.add(new Remark(Remark.Weight.WARNING, problem)));
        Optional<AdapterSummary> adapter = AdapterSummary.of(model.header(), 1);
        adapter.ifPresent(summarized -> {
            document.add("adapter", AdapterText.json(summarized));
            remarks.addAll(AdapterText.remarks(List.of(summarized)));
        });
        if (adapter.isPresent() || !remarks.isEmpty()) {
            document.add("remarks", CompareJson.remarks(remarks));
        }
        return document;
    }

    private JsonArray files() {
        JsonArray files = new JsonArray();
        for (GgufFile file : model.files()) {
            JsonObject one = new JsonObject();
            one.addProperty("path", file.path().toString());
            one.addProperty("bytes", file.fileBytes());
            one.addProperty("dataOffset", file.dataOffset());
            files.add(one);
        }
        return files;
    }

    private JsonObject json(TensorInfo tensor) {
        JsonObject one = new JsonObject();
        one.addProperty("name", tensor.name());
        one.addProperty("type", tensor.type().toString());
        one.add("shape", Json.longs(tensor.shape().dimensions()));
        one.addProperty("bytes", tensor.byteCount());
        one.addProperty("file", model.fileIndex(tensor));
        one.addProperty("offset", tensor.offset());
        return one;
    }

    private void write(MetadataValue value, JsonWriter json, JsonOutput out) throws IOException {
        json.beginObject();
        json.name("type").value(value.typeName());
        if (value.type() == MetadataType.ARRAY) {
            boolean complete = full || value.elementCount() <= MetadataText.SHOWN_ELEMENTS;
            json.name("count").value(value.elementCount());
            json.name("complete").value(complete);
            json.name("value");
            writeElements(value, complete ? value.elementCount() : MetadataText.SHOWN_ELEMENTS, json, out);
        } else {
            if (!full && value.type() == MetadataType.STRING && value.byteCount() > MAX_STRING_BYTES) {
                json.name("bytes").value(value.byteCount());
                json.name("complete").value(false);
            }
            json.name("value");
            Json.write(scalar(value), json);
        }
        json.endObject();
    }

    /** On one line, as there may be millions. */
    private void writeElements(MetadataValue array, long count, JsonWriter json, JsonOutput out) throws IOException {
        json.beginArray();
        FormattingStyle style = json.getFormattingStyle();
        json.setFormattingStyle(FormattingStyle.COMPACT.withSpaceAfterSeparators(true));
        ElementText elements = new ElementText(array, count, "\"");
        if (elements.isOfStrings()) {
            while (elements.hasNext()) {
                json.value(elements.nextString());
            }
        } else {
            json.flush();
            writeNumbers(elements, out);
        }
        json.endArray();
        json.setFormattingStyle(style);
    }

    /** Past the JSON library, which takes several times as long for one. */
    private static void writeNumbers(ElementText elements, JsonOutput out) throws IOException {
        StringBuilder piece = new StringBuilder();
        while (elements.hasNext()) {
            elements.appendNext(piece);
            piece.append(elements.hasNext() ? ", " : "");
            if (piece.length() > PIECE || !elements.hasNext()) {
                out.append(piece);
                piece.setLength(0);
            }
        }
    }

    private JsonElement scalar(MetadataValue value) {
        return switch (value.type()) {
            case BOOL -> new JsonPrimitive(value.asBoolean());
            case FLOAT32 -> finite(Float.parseFloat(value.toString()));
            case FLOAT64 -> Json.number(value.asDouble());
            case UINT64 -> new JsonPrimitive(new BigInteger(value.toString()));
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, INT64 -> new JsonPrimitive(value.asLong());
            case STRING -> new JsonPrimitive(value.asString(full ? Integer.MAX_VALUE : MAX_STRING_BYTES));
            case ARRAY -> new JsonPrimitive(value.toString());
        };
    }

    /** With the few digits of a float, not those of the double next to it. */
    private static JsonElement finite(float value) {
        return Float.isFinite(value) ? new JsonPrimitive(value) : Json.number(value);
    }
}
