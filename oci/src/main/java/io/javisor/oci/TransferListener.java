package io.javisor.oci;

/** Is told how an image comes or goes. Called by several threads, one call at a time for the same blob; returns soon. */
@FunctionalInterface
public interface TransferListener {
    /** Nobody listens. */
    TransferListener NONE = _ -> {};

    void told(TransferEvent event);

    /**
     * One step of one blob.
     *
     * @param doneBytes how much of it; in all stages but {@link Stage#COPYING} and {@link Stage#UNPACKING} it is either 0 or all
     */
    record TransferEvent(Descriptor blob, Stage stage, long doneBytes) {}

    /** Where a blob is on its way. */
    enum Stage {
        /** Its turn has not come. */
        WAITING,
        /** Its bytes come, or go. */
        COPYING,
        /** A layer's files are written where machines read them. */
        UNPACKING,
        /** Nothing was to do: it is there. */
        EXISTS,
        /** A push: the registry took it from another repository. */
        MOUNTED,
        /** It is there, and was checked. */
        DONE
    }
}
