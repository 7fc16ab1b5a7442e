package io.javisor.cli.image;

import io.javisor.oci.TransferListener;

/** Says what comes before it says how far that is: not sooner, for what is not there does not come. */
final class Announced implements TransferListener {
    private final Report report;
    private final String name;
    private final String text;
    private boolean said; // guarded by this

    Announced(Report report, String name, String text) {
        this.report = report;
        this.name = name;
        this.text = text;
    }

    /** Says it, if it was not said. */
    synchronized void announce() {
        if (!said) {
            said = true;
            report.say(name, text);
        }
    }

    @Override
    public void told(TransferEvent event) {
        announce();
        report.told(event);
    }
}
