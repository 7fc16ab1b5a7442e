package io.javisor.cli.image;

import io.javisor.oci.TransferListener.Stage;

/** What docker calls the stages of a layer, which depends on where it goes. */
enum StageWords {
    PULL("Waiting", "Downloading", "Extracting", "Already exists", "Pull complete"),
    PUSH("Waiting", "Pushing", "Pushing", "Layer already exists", "Pushed"),
    LOAD("Waiting", "Loading layer", "Loading layer", "Already exists", "Load complete");

    /** Between a layer's copying and its unpacking. */
    static final String DOWNLOADED = "Download complete";

    private final String waiting;
    private final String copying;
    private final String unpacking;
    private final String exists;
    private final String done;

    StageWords(String waiting, String copying, String unpacking, String exists, String done) {
        this.waiting = waiting;
        this.copying = copying;
        this.unpacking = unpacking;
        this.exists = exists;
        this.done = done;
    }

    String of(Stage stage) {
        return switch (stage) {
            case WAITING -> waiting;
            case COPYING -> copying;
            case UNPACKING -> unpacking;
            case EXISTS -> exists;
            case MOUNTED -> "Mounted from another repository";
            case DONE -> done;
        };
    }
}
