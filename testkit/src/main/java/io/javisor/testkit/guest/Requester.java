package io.javisor.testkit.guest;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.irq.InterruptLine;

/** A device that wants service until its handler has looked a number of times. */
public final class Requester implements BusDevice {
    private final InterruptLine line;
    private int looksLeft;

    public Requester(InterruptLine line) {
        this.line = line;
    }

    /** Raises the line until a handler has looked {@code looks} times. */
    public synchronized void request(int looks) {
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
