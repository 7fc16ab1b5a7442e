package io.javisor.cli.image;

import io.javisor.oci.MediaTypes;
import io.javisor.oci.TransferListener;
import java.io.PrintWriter;

/** How the user is told of an image that comes or goes. For the threads of the transfer and the one that began it. */
interface Report extends TransferListener, AutoCloseable {
    /** Says something of the whole. */
    void say(String text);

    /** Says something of one thing, as docker does: its name, a colon, the text. */
    default void say(String name, String text) {
        say(name + ": " + text);
    }

    /** Shows the last of what it was told: what others print comes below. */
    void settle();

    @Override
    default void close() {
        settle();
    }

    /** What was asked for, on this terminal or without one. */
    static Report of(ProgressMode mode, StageWords words, Screen screen, PrintWriter out) {
        return switch (mode) {
            case JSON -> new JsonReport(words, out, System::nanoTime);
            case AUTO ->
                screen.takesEscapes()
                        ? new BarReport(words, screen, out, System::nanoTime)
                        : new PlainReport(words, out);
            case PLAIN -> new PlainReport(words, out);
        };
    }

    /** Nothing is said. */
    static Report quiet() {
        return new Report() {
            @Override
            public void say(String text) {
                // Whoever wants it asks for it.
            }

            @Override
            public void told(TransferEvent event) {
                // As above.
            }

            @Override
            public void settle() {
                // Nothing is held back.
            }
        };
    }

    /** Whether it is of a layer, which users know. Configurations, which are small, are no news. */
    static boolean isOfLayer(TransferEvent event) {
        String mediaType = event.blob().mediaType();
        return !mediaType.equals(MediaTypes.OCI_CONFIG)
                && !mediaType.equals(MediaTypes.DOCKER_CONFIG)
                && !MediaTypes.MANIFESTS.contains(mediaType);
    }

    /** Whether nothing more comes of a blob. */
    static boolean isLast(Stage stage) {
        return switch (stage) {
            case EXISTS, MOUNTED, DONE -> true;
            case WAITING, COPYING, UNPACKING -> false;
        };
    }
}
