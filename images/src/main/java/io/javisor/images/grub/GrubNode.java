package io.javisor.images.grub;

import java.util.List;

/** A piece of a script (GRUB manual, "Writing full configuration files directly"). */
sealed interface GrubNode {
    /** Where it starts. */
    Place place();

    /**
     * A line of a file.
     *
     * @param line from 1
     */
    record Place(String file, int line) {
        @Override
        public String toString() {
            return "%s, line %d".formatted(file, line);
        }
    }

    /**
     * A piece of a word.
     *
     * @param text literal, or a variable's name
     * @param quoted whether a variable's value stays one word
     */
    record Part(String text, boolean variable, boolean quoted) {}

    /** A word before variables are put in. */
    record Word(List<Part> parts) {
        /** Whether it is this word, without quotes: only then it can be a keyword. */
        boolean is(String keyword) {
            return parts.size() == 1
                    && !parts.getFirst().variable()
                    && !parts.getFirst().quoted()
                    && parts.getFirst().text().equals(keyword);
        }

        /** Whether it is no argument: no quotes, no variable and no text, but where one line joins the next. */
        boolean isNothing() {
            return parts.stream()
                    .allMatch(part ->
                            !part.variable() && !part.quoted() && part.text().isEmpty());
        }
    }

    /** A command, or an assignment. */
    record Command(Place place, List<Word> words) implements GrubNode {}

    /** {@code if}; {@code otherwise} holds what follows {@code else} or, as one {@code If}, {@code elif}. */
    record If(Place place, List<GrubNode> condition, List<GrubNode> then, List<GrubNode> otherwise)
            implements GrubNode {}

    /** {@code while}, or {@code until} if {@code negated}. */
    record While(Place place, boolean negated, List<GrubNode> condition, List<GrubNode> body) implements GrubNode {}

    record For(Place place, Word variable, List<Word> values, List<GrubNode> body) implements GrubNode {}

    record Function(Place place, Word name, List<GrubNode> body) implements GrubNode {}

    /** A command with a block: {@code menuentry}, {@code submenu}, and some that javisor has no use for. */
    record Block(Place place, List<Word> words, List<GrubNode> body) implements GrubNode {}
}
