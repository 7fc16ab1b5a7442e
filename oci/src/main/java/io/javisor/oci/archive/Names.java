package io.javisor.oci.archive;

import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Names that archives give to images, from outside. */
final class Names {
    private static final int QUOTED_LENGTH = 80;
    private static final int SHOWN_MAX = 10;

    private Names() {}

    /** The name of an image, or empty if it is none. */
    static Optional<Reference> reference(String text) {
        try {
            return Optional.of(Reference.parse(text));
        } catch (OciException _) {
            return Optional.empty();
        }
    }

    static String printable(String text) {
        return Printable.asciiLine(text);
    }

    static String quoted(String text) {
        return Printable.ascii(Printable.quoted(text, QUOTED_LENGTH));
    }

    /** The first of some names, for a message that follows another name. */
    static String inBrackets(Collection<String> texts) {
        return texts.stream()
                .findFirst()
                .map(text -> " (" + printable(text) + ")")
                .orElse("");
    }

    /**
     * The exception that says that an archive has no image, or not just one.
     *
     * @param chosen what the user asked for; may be empty
     * @param texts what there is
     */
    static OciException notOne(String name, String chosen, int imageCount, List<String> texts) {
        String there = texts.isEmpty()
                ? ""
                : texts.stream()
                                .distinct()
                                .limit(SHOWN_MAX)
                                .map(Names::printable)
                                .collect(Collectors.joining(", "))
                        + (texts.size() > SHOWN_MAX ? " and more" : "");
        if (imageCount == 0) {
            return new OciException(name + ": it holds no image");
        }
        if (!chosen.isEmpty()) {
            return new OciException(name + ": no image in it is called " + quoted(chosen)
                    + (there.isEmpty() ? "; none has a name" : "; there is " + there));
        }
        return new OciException(name + ": it holds " + imageCount + " images"
                + (there.isEmpty() ? ", and they have no names to choose by" : "; append :NAME of one: " + there));
    }
}
