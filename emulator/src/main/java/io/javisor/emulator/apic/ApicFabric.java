package io.javisor.emulator.apic;

import io.javisor.core.irq.DeliveryMode;
import io.javisor.core.irq.InterruptMessage;
import io.javisor.core.irq.MsiSink;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What carries messages to the local APICs of a machine: from processors, and as a {@link MsiSink} from devices, the I/O APIC among them. A physical
 * message finds its APIC by one look at a table; a logical one asks each. Any thread; a message allocates nothing and takes no lock.
 */
public final class ApicFabric implements MsiSink {
    /** The highest APIC id: 255 is the broadcast of messages with 8 bits. */
    public static final int ID_MAX = 254;

    /** The destination that means every processor, in both destination modes. */
    static final int BROADCAST = -1;

    private static final LocalApic[] NONE = {};

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

    /** A destination of 8 bits as {@link #send(DeliveryMode, int, int, boolean, boolean)} takes it. */
    static int widen(int destination) {
        return destination == InterruptMessage.BROADCAST ? BROADCAST : destination;
    }

    /**
     * Sends a message, as a processor does.
     *
     * @param mode what is asked for
     * @param vector 0 to 255; without meaning for SMI, NMI, INIT and ExtINT
     * @param destination an APIC id, or in logical mode what local APICs compare with their logical ids; {@link #BROADCAST} for all
     * @param logical whether the destination is logical
     * @param level whether the interrupt is level-triggered, so that its end is to be broadcast to the I/O APICs
     * @return whether a local APIC has taken it
     */
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

    /** A device's message; a start-up IPI comes from processors only. */
    @Override
    public boolean send(long addressGpa, int data) {
        DeliveryMode mode = InterruptMessage.mode(data);
        if (mode == DeliveryMode.RESERVED || mode == DeliveryMode.STARTUP) {
            return false;
        }
        return send(
                mode,
                InterruptMessage.vector(data),
                widen(InterruptMessage.destination(addressGpa)),
                InterruptMessage.isLogical(addressGpa),
                InterruptMessage.isLevel(data));
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
