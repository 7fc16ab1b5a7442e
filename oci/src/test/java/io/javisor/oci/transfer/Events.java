package io.javisor.oci.transfer;

import io.javisor.oci.Digest;
import io.javisor.oci.TransferListener;
import java.util.ArrayList;
import java.util.List;

/** Notes what it is told. */
final class Events implements TransferListener {
    private final List<TransferEvent> all = new ArrayList<>();

    @Override
    public synchronized void told(TransferEvent event) {
        all.add(event);
    }

    /** The stages of a blob in order, each once in a row. */
    synchronized List<Stage> stages(Digest blob) {
        List<Stage> stages = new ArrayList<>();
        for (TransferEvent event : all) {
            if (event.blob().digest().equals(blob) && (stages.isEmpty() || stages.getLast() != event.stage())) {
                stages.add(event.stage());
            }
        }
        return stages;
    }

    synchronized List<TransferEvent> all() {
        return List.copyOf(all);
    }
}
