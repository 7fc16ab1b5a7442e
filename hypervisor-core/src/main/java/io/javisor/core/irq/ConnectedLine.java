package io.javisor.core.irq;

/** A line to an input of the interrupt chips. */
public interface ConnectedLine extends InterruptLine, AutoCloseable {
    /** Disconnects the line, lowered. The device no longer uses it. Does nothing the second time. */
    @Override
    void close();
}
