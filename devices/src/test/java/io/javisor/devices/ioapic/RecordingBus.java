package io.javisor.devices.ioapic;

import io.javisor.core.irq.ApicBus;
import io.javisor.core.irq.DeliveryMode;
import java.util.ArrayList;
import java.util.List;

/** An APIC bus that keeps what was sent. */
final class RecordingBus implements ApicBus {
    record Message(DeliveryMode mode, int vector, int destination, boolean logical, boolean level) {}

    final List<Message> messages = new ArrayList<>();
    boolean taken = true;

    @Override
    public boolean send(DeliveryMode mode, int vector, int destination, boolean logical, boolean level) {
        messages.add(new Message(mode, vector, destination, logical, level));
        return taken;
    }

    /** The messages since the last call. */
    List<Message> take() {
        List<Message> taken = List.copyOf(messages);
        messages.clear();
        return taken;
    }
}
