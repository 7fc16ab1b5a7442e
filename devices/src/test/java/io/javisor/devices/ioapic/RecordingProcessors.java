package io.javisor.devices.ioapic;

import io.javisor.core.irq.DeliveryMode;
import io.javisor.core.irq.InterruptMessage;
import io.javisor.core.irq.MsiSink;
import java.util.ArrayList;
import java.util.List;

/** Processors that keep what was sent to them. */
final class RecordingProcessors implements MsiSink {
    record Message(DeliveryMode mode, int vector, int destination, boolean logical, boolean level) {}

    final List<Message> messages = new ArrayList<>();
    boolean taken = true;

    @Override
    public boolean send(long addressGpa, int data) {
        messages.add(new Message(
                InterruptMessage.mode(data),
                InterruptMessage.vector(data),
                InterruptMessage.destination(addressGpa),
                InterruptMessage.isLogical(addressGpa),
                InterruptMessage.isLevel(data)));
        return taken;
    }

    /** The messages since the last call. */
    List<Message> take() {
        List<Message> taken = List.copyOf(messages);
        messages.clear();
        return taken;
    }
}
