package io.github.expogguf.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.github.expogguf.gguf.GgufFile;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.TensorInfo;
import java.math.BigInteger;

/**
 * A model as JSON.
 *
 * @param model open model
 * @param full  whether arrays and very long strings are complete; otherwise they are cut and say so
 */
record ModelJson(GgufModel model, boolean full) {

    /** Chat templates are far shorter. */
    private static final int MAX_STRING_BYTES = 1 << 16;

    JsonObject document(boolean metadata, boolean tensors) {
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
        if (metadata) {
            JsonObject pairs = new JsonObject();
            model.header().metadata().asMap().forEach((key, value) -> pairs.add(key, json(value)));
            document.add("metadata", pairs);
        }
        if (tensors) {
            JsonArray list = new JsonArray();
            model.header().tensors().forEach(tensor -> list.add(json(tensor)));
            document.add("tensors", list);
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

    private JsonObject json(MetadataValue value) {
        JsonObject typed = new JsonObject();
        typed.addProperty("type", value.typeName());
        switch (value.type()) {
            case ARRAY -> {
                long shown = full ? value.elementCount() : Math.min(ModelText.SHOWN_ELEMENTS, value.elementCount());
                JsonArray elements = new JsonArray();
                value.elements(shown).forEach(element -> elements.add(scalar(element)));
                typed.addProperty("count", value.elementCount());
                typed.addProperty("complete", shown == value.elementCount());
                typed.add("value", elements);
            }
            case STRING -> {
                if (!full && value.byteCount() > MAX_STRING_BYTES) {
                    typed.addProperty("bytes", value.byteCount());
                    typed.addProperty("complete", false);
                }
                typed.add("value", scalar(value));
            }
            default -> typed.add("value", scalar(value));
        }
        return typed;
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
