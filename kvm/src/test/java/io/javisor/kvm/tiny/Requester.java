package io.javisor.kvm.tiny;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.irq.InterruptLine;

/** A device that wants service until its handler has looked a number of times. */
final class Requester implements BusDevice {
    private final InterruptLine line;
    private int looksLeft;

    Requester(InterruptLine line) {
        this.line = line;
    }

    synchronized void request(int looks) {
        looksLeft = looks;
        line.raise();
    }

    @Override
    public synchronized long read(long offset, int size) {
        looksLeft--;
        line.set(looksLeft > 0);
        return 0;
    }

    @Override
    public void write(long offset, int size, long value) {}
}
