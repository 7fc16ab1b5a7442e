package io.javisor.emulator.apic;

import io.javisor.core.irq.ApicBus;
import io.javisor.core.irq.DeliveryMode;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What carries messages to the local APICs of a machine: from I/O APICs, from devices (MSI) and from processors. A physical message finds
 * its APIC by one look at a table; a logical one asks each. Any thread; a message allocates nothing and takes no lock.
 */
public final class ApicFabric implements ApicBus {
    /** The highest APIC id: 255 is the broadcast of messages with 8 bits. */
    public static final int ID_MAX = 254;

    private static final LocalApic[] NONE = {};
    /** Of a message's address (Intel SDM vol. 3 §10.11.1). */
    private static final int MSI_DESTINATION_SHIFT = 12;

    private static final int MSI_LOGICAL = 1 << 2;

    private volatile LocalApic[] apics = NONE;
    private final @Nullable LocalApic[] byId = new @Nullable LocalApic[ID_MAX + 1];
    private final AtomicInteger turn = new AtomicInteger();

    /**
     * Puts an APIC on the fabric; before its processor runs.
     *
     * @throws IllegalArgumentException if one with its id is there
     */
    public synchronized void add(LocalApic apic) {
        if (byId[apic.id()] != null) {
            throw new IllegalArgumentException("two APICs have the id " + apic.id());
        }
        byId[apic.id()] = apic;
        LocalApic[] more = Arrays.copyOf(apics, apics.length + 1);
        more[apics.length] = apic;
        apics = more;
    }

    @Override
    public boolean send(DeliveryMode mode, int vector, int destination, boolean logical, boolean level) {
        LocalApic[] all = apics;
        if (mode == DeliveryMode.LOWEST_PRIORITY) {
            LocalApic lowest = lowestPriority(all, destination, logical);
            return lowest != null && lowest.receive(mode, vector, level);
        }
        if (!logical && destination != BROADCAST) {
            LocalApic apic = destination >= 0 && destination <= ID_MAX ? byId[destination] : null;
            return apic != null && apic.matches(destination, false) && apic.receive(mode, vector, level);
        }
        boolean taken = false;
        for (LocalApic apic : all) {
            if (apic.matches(destination, logical)) {
                taken |= apic.receive(mode, vector, level);
            }
        }
        return taken;
    }

    /** The shorthand "all excluding self". */
    boolean sendToOthers(LocalApic sender, DeliveryMode mode, int vector) {
        boolean taken = false;
        for (LocalApic apic : apics) {
            if (apic != sender && apic.matches(BROADCAST, false)) {
                taken |= apic.receive(mode, vector, false);
            }
        }
        return taken;
    }

    /**
     * A message-signalled interrupt: a write to 0xFEExxxxx.
     *
     * @param addressGpa destination in bits 19:12, destination mode in bit 2
     * @param data vector, delivery mode, trigger mode (bit 15)
     * @return whether a local APIC has taken it
     */
    public boolean sendMessage(long addressGpa, int data) {
        DeliveryMode mode = DeliveryMode.of(data >> ApicRegisters.DELIVERY_MODE_SHIFT);
        if (mode == DeliveryMode.RESERVED || mode == DeliveryMode.STARTUP) {
            return false;
        }
        return send(
                mode,
                data & ApicRegisters.VECTOR_MASK,
                ApicBus.widen((int) (addressGpa >>> MSI_DESTINATION_SHIFT) & 0xFF),
                (addressGpa & MSI_LOGICAL) != 0,
                (data & ApicRegisters.LVT_LEVEL) != 0);
    }

    /** Of those that would take it the one with the lowest processor priority; among equals it is each one's turn. */
    private @Nullable LocalApic lowestPriority(LocalApic[] all, int destination, boolean logical) {
        if (all.length == 0) {
            return null;
        }
        LocalApic lowest = null;
        int first = (turn.getAndIncrement() & Integer.MAX_VALUE) % all.length;
        for (int i = 0; i < all.length; i++) {
            LocalApic apic = all[(first + i) % all.length];
            if (apic.matches(destination, logical)
                    && apic.takesFixed()
                    && (lowest == null || apic.priority() < lowest.priority())) {
                lowest = apic;
            }
        }
        return lowest;
    }
}
