package io.javisor.cli.image;

import io.javisor.oci.Digest;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A line for each step of a layer, as docker prints where there is no terminal. */
final class PlainReport implements Report {
    private final StageWords words;
    private final PrintWriter out;
    private final Map<Digest, Set<Stage>> told = new HashMap<>(); // guarded by this

    private final Set<Digest> waiting = new HashSet<>(); // guarded by this

    PlainReport(StageWords words, PrintWriter out) {
        this.words = words;
        this.out = out;
    }

    @Override
    public synchronized void say(String text) {
        out.println(text);
        out.flush();
    }

    @Override
    public synchronized void told(TransferEvent event) {
        Digest digest = event.blob().digest();
        Stage stage = event.stage();
        boolean isNews =
                switch (stage) {
                    case WAITING, COPYING, UNPACKING -> false;
                    case EXISTS, MOUNTED, DONE -> true;
                };
        Set<Stage> before = told.computeIfAbsent(digest, _ -> EnumSet.noneOf(Stage.class));
        if (stage == Stage.WAITING && before.contains(stage) && Report.isOfLayer(event) && waiting.add(digest)) {
            // Its turn had come.
            say(digest.shortHex(), "Waiting for another pull");
        }
        if (!Report.isOfLayer(event) || before.stream().anyMatch(Report::isLast) || !before.add(stage)) {
            return;
        }
        if (isNews) {
            say(digest.shortHex(), words.of(stage));
        } else if (words == StageWords.PULL) {
            steps(digest, stage, before);
        }
    }

    private void steps(Digest digest, Stage stage, Set<Stage> before) {
        if (before.size() == 1) {
            say(digest.shortHex(), "Pulling fs layer");
        }
        if (stage == Stage.UNPACKING) {
            say(digest.shortHex(), StageWords.DOWNLOADED);
        }
    }

    @Override
    public void settle() {
        // Each line was flushed.
    }
}
