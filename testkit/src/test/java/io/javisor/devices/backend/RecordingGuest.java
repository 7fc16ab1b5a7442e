package io.javisor.devices.backend;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A UART's side of a backend: takes what comes, or, held, nothing. */
final class RecordingGuest implements SerialBackend.Listener {
    private final SerialBackend backend;
    private volatile boolean held;
    final LinkedBlockingQueue<Integer> received = new LinkedBlockingQueue<>();
    final Semaphore drained = new Semaphore(0);

    private RecordingGuest(SerialBackend backend, boolean held) {
        this.backend = backend;
        this.held = held;
    }

    static RecordingGuest attach(SerialBackend backend) {
        RecordingGuest guest = new RecordingGuest(backend, false);
        backend.attach(guest);
        return guest;
    }

    /** One that takes nothing until it is released. */
    static RecordingGuest attachHeld(SerialBackend backend) {
        RecordingGuest guest = new RecordingGuest(backend, true);
        backend.attach(guest);
        return guest;
    }

    void release() {
        held = false;
        inputAvailable();
    }

    @Override
    public synchronized void inputAvailable() {
        if (held) {
            return;
        }
        int unit = backend.read();
        while (unit != SerialBackend.NOTHING) {
            received.add(unit);
            unit = backend.read();
        }
    }

    @Override
    public void outputDrained() {
        drained.release();
    }

    String take(int count) throws InterruptedException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            Integer unit = received.poll(10, TimeUnit.SECONDS);
            if (unit == null) {
                throw new AssertionError("only " + text.length() + " of " + count + " came: " + text);
            }
            text.append((char) (int) unit);
        }
        return text.toString();
    }

    boolean write(String text) {
        return backend.write(HostPipes.bytes(text), 0, text.length());
    }
}
