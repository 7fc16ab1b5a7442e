package io.javisor.oci.transfer;

/** Makes the threads of transfers; nobody else here does. They do not keep a process alive. */
final class TransferThreads {
    private TransferThreads() {}

    static Thread start(String name, Runnable work) {
        return Thread.ofPlatform().name(name).daemon().start(work);
    }

    /** Waits for its end, also if this thread is interrupted meanwhile: gives whether it was. */
    static boolean join(Thread thread, Runnable whenInterrupted) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException _) {
                interrupted = true;
                whenInterrupted.run();
            }
        }
    }
}
