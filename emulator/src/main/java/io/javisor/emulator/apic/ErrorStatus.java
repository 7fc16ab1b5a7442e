package io.javisor.emulator.apic;

/** The error status register (Intel SDM vol. 3 §10.5.3). Any thread logs; the rest is for the processor's. */
final class ErrorStatus {
    private final AtomicBits logged = new AtomicBits(); // since the last write
    private int register;
    private boolean signalled;

    void reset() {
        logged.restore(0);
        register = 0;
        signalled = false;
    }

    void log(int error) {
        int _ = logged.set(error);
    }

    int register() {
        return register;
    }

    /** A write brings in what was logged since the last one, and lets the error interrupt come again. */
    void latch() {
        register = logged.take();
        signalled = false;
    }

    /** Whether the error interrupt is to come now; true once a write. */
    boolean takeSignal() {
        boolean due = !signalled && logged.get() != 0;
        signalled |= due;
        return due;
    }

    int logged() {
        return logged.get();
    }

    boolean signalled() {
        return signalled;
    }

    void restore(ApicState state) {
        logged.restore(state.pendingErrors());
        register = state.esr();
        signalled = state.errorSignalled();
    }
}
