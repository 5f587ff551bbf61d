package io.github.expogguf.run.compute;

import io.github.expogguf.ModelMismatchException;
import io.github.expogguf.UnsupportedTypeException;
import io.github.expogguf.convert.ConvertedModel;
import io.github.expogguf.convert.config.ConfigValues;
import io.github.expogguf.convert.peft.PeftAdapter;
import io.github.expogguf.gguf.GgufModel;
import io.github.expogguf.gguf.Metadata;
import io.github.expogguf.gguf.MetadataValue;
import io.github.expogguf.gguf.ModelHeader;
import io.github.expogguf.gguf.SourceModel;
import io.github.expogguf.plan.pair.TemplateKeys;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.safetensors.Checkpoint;
import io.github.expogguf.text.ShortNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Opens the models of a run: GGUF files, and folders of Hugging Face, which a template makes look like them. */
final class ModelOpener {

    private static final Metadata NOTHING_KNOWN = new Metadata(Map.of());

    private final Ingredients<Path> paths;
    private final ShortNames names;
    private final List<SourceModel> opened = new ArrayList<>();

    private ModelOpener(Ingredients<Path> paths) {
        this.paths = paths;
        this.names = ShortNames.of(Stream.concat(paths.inOrder().stream(), paths.template().stream())
                .toList());
    }

    static Ingredients<SourceModel> open(Ingredients<Path> paths) throws IOException {
        ModelOpener opener = new ModelOpener(paths);
        try {
            opener.openAligned();
            int firstAdapter = paths.sft().isPresent() ? 2 : 1;
            int lastAdapter = firstAdapter + paths.adapters().size();
            List<Path> all = paths.inOrder();
            for (int number = 1; number < all.size(); number++) {
                opener.openOther(all.get(number), number >= firstAdapter && number < lastAdapter);
            }
            return paths.with(opener.opened);
        } catch (Throwable e) {
            for (SourceModel model : opener.opened) {
                model.close();
            }
            throw e;
        }
    }

    private void openAligned() throws IOException {
        Path path = paths.aligned();
        refuseAdapter(path);
        Optional<Path> template = paths.template();
        if (!Checkpoint.isNamed(path)) {
            opened.add(gguf(path, NOTHING_KNOWN)); // what is wrong with it comes first
            if (template.isPresent()) {
                throw new IllegalArgumentException(path
                        + " is a GGUF, and by this the template of all folders; another template ("
                        + template.get() + ") is for aligned models in safetensors");
            }
        } else if (template.isEmpty()) {
            Checkpoint.open(path).close(); // what is wrong with it comes first
            throw new IllegalArgumentException(path
                    + " is in safetensors, which say nothing of a GGUF's tokenizer and layout: a template is needed"
                    + ", any GGUF of the same model; a Q4_K_M download will do");
        } else {
            opened.add(converted(path, gguf(template.get(), NOTHING_KNOWN)));
        }
    }

    private GgufModel gguf(Path path, Metadata known) throws IOException {
        return GgufModel.open(path, known, names.before(path));
    }

    private ConvertedModel converted(Path path, SourceModel template) throws IOException {
        ConvertedModel model;
        try {
            model = ConvertedModel.open(path, names.before(path), template, true);
        } catch (Throwable e) {
            template.close();
            throw e;
        }
        try {
            requireTemplate(model, template.header());
            return model;
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    /** What config.json says counts, and what a missing key means to llama.cpp. */
    private static void requireTemplate(ConvertedModel model, ModelHeader template) throws IOException {
        Map<String, ConfigValues.Said> said = model.said();
        Map<String, MetadataValue> wanted =
                new LinkedHashMap<>(template.metadata().asMap());
        said.forEach((key, each) -> wanted.put(key, each.value()));
        List<String> differences = new ArrayList<>();
        TemplateKeys.differences(template, new Metadata(wanted)).forEach((key, of) -> {
            ConfigValues.Said other = said.get(key);
            differences.add(key + " is " + of + " in the template, and by config.json "
                    + (other == null ? "another one" : other.value() + " (" + other.name() + ")"));
        });
        model.otherRotaryFactors("template").ifPresent(differences::add);
        if (!differences.isEmpty()) {
            throw new ModelMismatchException(
                    template.name() + " is no template for " + model.header().name() + ": "
                            + String.join("; ", differences)
                            + ". The template must be a GGUF of this very model; llama.cpp's convert_hf_to_gguf.py"
                            + " makes one of the folder",
                    differences);
        }
    }

    private void openOther(Path path, boolean isAdapter) throws IOException {
        SourceModel aligned = opened.getFirst();
        if (!Checkpoint.isNamed(path)) {
            opened.add(gguf(path, aligned.header().metadata()));
        } else if (isAdapter) {
            opened.add(PeftAdapter.open(path, Files.isDirectory(path) ? names.before(path) : "", aligned.header()));
        } else {
            refuseAdapter(path);
            ConvertedModel model = ConvertedModel.open(path, names.before(path), aligned, false);
            opened.add(model);
            requireRotaryFactors(model, aligned.header());
        }
    }

    /** The aligned model's are the template's; a model that was trained with others answers otherwise. */
    private static void requireRotaryFactors(ConvertedModel model, ModelHeader aligned) throws IOException {
        Optional<String> difference = model.otherRotaryFactors("aligned model");
        if (difference.isPresent()) {
            throw new ModelMismatchException(
                    model.header().name() + " and " + aligned.name() + " are not a pair: " + difference.get(),
                    List.of(difference.get()));
        }
    }

    private static void refuseAdapter(Path path) {
        if (PeftAdapter.isAdapter(path)) {
            throw new UnsupportedTypeException(
                    path + ": a LoRA adapter as PEFT saved it, no model: it goes with its base, as an adapter");
        }
    }
}
