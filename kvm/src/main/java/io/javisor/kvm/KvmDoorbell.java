package io.javisor.kvm;

import io.javisor.core.engine.EngineVm;
import io.javisor.core.event.EventFd;
import io.javisor.core.event.EventLoop;
import io.javisor.core.event.Registration;
import io.javisor.core.host.HostConstants;

/** A doorbell that KVM rings without the vCPU's thread: an ioeventfd on an event loop. */
final class KvmDoorbell implements EngineVm.Binding {
    private final KvmIoEvents ioEvents;
    private final long gpa;
    private final int sizeBytes;
    private final long value;
    private final EventFd eventFd;
    private final Registration registration;
    private boolean closed;

    private KvmDoorbell(
            KvmIoEvents ioEvents, long gpa, int sizeBytes, long value, EventFd eventFd, Registration registration) {
        this.ioEvents = ioEvents;
        this.gpa = gpa;
        this.sizeBytes = sizeBytes;
        this.value = value;
        this.eventFd = eventFd;
        this.registration = registration;
    }

    static KvmDoorbell bind(
            KvmIoEvents ioEvents, String name, long gpa, int sizeBytes, long value, EventLoop loop, Runnable rung) {
        EventFd eventFd = EventFd.create(name);
        try {
            Registration registration = loop.register(eventFd.fd(), HostConstants.EPOLLIN, _ -> {
                long _ = eventFd.drain();
                rung.run();
            });
            try {
                ioEvents.assignMmio(gpa, sizeBytes, eventFd.fd().value(), value);
            } catch (RuntimeException | Error e) {
                registration.close();
                throw e;
            }
            return new KvmDoorbell(ioEvents, gpa, sizeBytes, value, eventFd, registration);
        } catch (RuntimeException | Error e) {
            eventFd.close();
            throw e;
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (eventFd;
                registration) {
            ioEvents.deassignMmio(gpa, sizeBytes, eventFd.fd().value(), value);
        }
    }
}
