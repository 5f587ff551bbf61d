package io.github.expogguf.verify;

import io.github.expogguf.plan.recipe.RecordedModel;
import io.github.expogguf.plan.task.Ingredients;
import io.github.expogguf.text.Numbers;
import io.github.expogguf.text.ShortNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Inputs that are others than a file was made from, and which of its inputs they are, if they are any. */
final class OtherInputs {

    /**
     * One of the models.
     *
     * @param role     as in {@code SFT model}
     * @param recorded that the file was made from
     * @param digests  of the files that were given
     * @param name     of what was given
     */
    private record Place(String role, RecordedModel recorded, List<String> digests, String name) {

        boolean isOther() {
            return !digests.equals(recorded.digests());
        }

        boolean holdsThatOf(Place other) {
            return digests.equals(other.recorded.digests());
        }

        String recordedName() {
            return String.join(", ", recorded.files());
        }
    }

    private OtherInputs() {}

    /**
     * A finding for each, or one for two that were exchanged.
     *
     * @param digests  of the files that were given
     * @param given    these
     * @param recorded what the file was made from: as many, with the same steps
     */
    static List<Finding> find(
            Ingredients<List<String>> digests, Ingredients<Path> given, Ingredients<RecordedModel> recorded) {
        List<Place> places = places(digests, given, recorded);
        List<Place> others = places.stream().filter(Place::isOther).toList();
        if (others.size() == 2 && areExchanged(others.getFirst(), others.getLast())) {
            Place one = others.getFirst();
            Place other = others.getLast();
            return List.of(Finding.ofFile("the " + one.role + " and the " + other.role + " are exchanged: " + one.name()
                    + " is the " + other.role + " that the file was made from, " + other.name() + " the " + one.role));
        }
        return others.stream()
                .map(other -> Finding.ofFile("the " + other.role + " is another than the file was made from: SHA-256 "
                        + other.digests + " of " + other.name() + ", recorded " + other.recorded.digests() + " of "
                        + other.recordedName() + isAnother(other, places)))
                .toList();
    }

    private static boolean areExchanged(Place one, Place other) {
        return one.holdsThatOf(other) && other.holdsThatOf(one);
    }

    private static String isAnother(Place other, List<Place> places) {
        return places.stream()
                .filter(other::holdsThatOf)
                .findFirst()
                .map(place -> "; " + other.name() + " is the " + place.role + " that it was made from")
                .orElse("");
    }

    private static List<Place> places(
            Ingredients<List<String>> digests, Ingredients<Path> given, Ingredients<RecordedModel> recorded) {
        ShortNames names = ShortNames.of(given.inOrder());
        List<Place> places = new ArrayList<>();
        if (recorded.trajectory().isPresent()) {
            for (int i = 0; i < recorded.checkpoints().size(); i++) {
                Ingredients.Checkpoint<RecordedModel> checkpoint =
                        recorded.checkpoints().get(i);
                places.add(new Place(
                        "checkpoint of step " + Numbers.brief(checkpoint.step()),
                        checkpoint.model(),
                        digests.checkpoints().get(i).model(),
                        names.of(given.checkpoints().get(i).model())));
            }
        } else {
            recorded.sft()
                    .ifPresent(sft -> places.add(new Place(
                            "SFT model",
                            sft,
                            digests.sft().orElseThrow(),
                            names.of(given.sft().orElseThrow()))));
            places.add(new Place("aligned model", recorded.aligned(), digests.aligned(), names.of(given.aligned())));
        }
        List<RecordedModel> further = recorded.further();
        for (int i = 0; i < further.size() - recorded.between().size(); i++) { // checkpoints are the last
            places.add(new Place(
                    String.join(", ", further.get(i).files()) + " model",
                    further.get(i),
                    digests.further().get(i),
                    names.of(given.further().get(i))));
        }
        return places;
    }
}
