package io.javisor.oci.transfer;

import io.javisor.oci.OciException;
import io.javisor.oci.store.BlobDownload;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The first thing that went wrong among several threads, which ends what the others do. */
final class Failure {
    private final List<BlobDownload> downloads = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable Throwable first;

    /** Of several only the first counts. */
    synchronized void set(Throwable problem) {
        if (first != null) {
            return;
        }
        first = problem;
        downloads.forEach(download -> download.fail(stopped()));
        threads.forEach(Thread::interrupt);
    }

    private static OciException stopped() {
        return new OciException("stopped, as something else failed");
    }

    /** @throws OciException if something failed: the caller stops */
    synchronized void check() {
        if (first != null) {
            throw stopped();
        }
    }

    /** Has a download end when something fails. */
    synchronized void ends(BlobDownload download) {
        check();
        downloads.add(download);
    }

    synchronized void forget(BlobDownload download) {
        downloads.remove(download);
    }

    /** Has a thread interrupted when something fails. */
    synchronized void interrupts(Thread thread) {
        threads.add(thread);
        if (first != null) {
            thread.interrupt();
        }
    }

    /** Throws what went wrong, if anything did. */
    synchronized void rethrow() {
        switch (first) {
            case null -> {}
            case RuntimeException problem -> throw problem;
            case Error problem -> throw problem;
            default -> throw new IllegalStateException(first);
        }
    }
}
