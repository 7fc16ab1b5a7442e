package io.javisor.emulator.apic;

import static io.javisor.emulator.apic.ApicRegisters.*;

import io.javisor.core.irq.DeliveryMode;

/** The interrupt command register, by which a processor sends (Intel SDM vol. 3 §10.6.1, §10.12.9). For its thread. */
final class InterruptCommand {
    private static final int TO_DESTINATION = 0;
    private static final int TO_SELF = 1;
    private static final int TO_ALL = 2;

    private final LocalApic apic;
    private final ApicFabric fabric;
    private long register;
    private long sent;
    private long bad;

    InterruptCommand(LocalApic apic, ApicFabric fabric) {
        this.apic = apic;
        this.fabric = fabric;
    }

    long register() {
        return register;
    }

    void setRegister(long value) {
        register = value;
    }

    long sent() {
        return sent;
    }

    long bad() {
        return bad;
    }

    /** Sends what a command says. A shorthand that includes the sender goes with fixed messages only (table 10-3). */
    void send(long command) {
        register = command;
        int low = (int) command;
        int vector = low & VECTOR_MASK;
        DeliveryMode mode = DeliveryMode.of(low >> DELIVERY_MODE_SHIFT);
        int shorthand = low >> ICR_SHORTHAND_SHIFT & 3;
        boolean fixed = mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY;
        if (mode == DeliveryMode.INIT && (low & (ICR_LEVEL | ICR_ASSERT)) == ICR_LEVEL) {
            // INIT level de-assert: no later processor does anything at it.
            return;
        }
        boolean toSender = shorthand == TO_SELF || shorthand == TO_ALL;
        if (mode == DeliveryMode.RESERVED || mode == DeliveryMode.EXTINT || (toSender && mode != DeliveryMode.FIXED)) {
            bad++;
        } else if (fixed && vector < FIRST_VECTOR) {
            apic.logError(ESR_SEND_ILLEGAL_VECTOR);
        } else {
            sent++;
            int wide = (int) (command >>> 32);
            int destination = apic.isX2apic() ? wide : ApicFabric.widen(wide >>> LDR_SHIFT);
            boolean _ =
                    switch (shorthand) {
                        case TO_DESTINATION -> fabric.send(mode, vector, destination, (low & ICR_LOGICAL) != 0, false);
                        case TO_SELF -> apic.receive(mode, vector, false);
                        case TO_ALL -> fabric.send(mode, vector, ApicFabric.BROADCAST, false, false);
                        default -> fabric.sendToOthers(apic, mode, vector);
                    };
        }
    }

    /** SELF IPI (§10.12.11). */
    void sendSelf(int vector) {
        if (vector < FIRST_VECTOR) {
            apic.logError(ESR_SEND_ILLEGAL_VECTOR);
        } else {
            sent++;
            boolean _ = apic.receive(DeliveryMode.FIXED, vector, false);
        }
    }
}
