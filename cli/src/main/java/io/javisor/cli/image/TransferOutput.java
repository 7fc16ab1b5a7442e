package io.javisor.cli.image;

import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** How a command tells of an image that comes or goes. */
final class TransferOutput {
    @Option(
            names = {"-q", "--quiet"},
            description = "Print the image's name only.")
    private boolean quiet;

    @Option(
            names = "--progress",
            paramLabel = "auto|plain|json",
            description = "How to tell how far it is: auto has bars on a terminal and is plain elsewhere (default:"
                    + " auto).")
    private ProgressMode progress = ProgressMode.AUTO;

    boolean isQuiet() {
        return quiet;
    }

    /** Where to tell it; the caller closes it. */
    Report report(StageWords words, Screen screen, PrintWriter out) {
        return quiet ? Report.quiet() : Report.of(progress, words, screen, out);
    }
}
