package io.javisor.core.irq;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The one owner of a VM's interrupt routing table, which can only be replaced as a whole. The first 24 GSIs are wired to the PC's
 * interrupt controllers; those above are handed out for messages. Any thread.
 */
public final class GsiRouter {
    /** Inputs of the I/O APIC, and the first GSI that is free for messages. */
    public static final int PIN_COUNT = 24;

    private static final int PIC_PIN_COUNT = 8;
    /** IRQ 2 of the first 8259A takes the second one's output: nothing else can use it. */
    private static final int CASCADE_IRQ = 2;
    /** As on every PC with an I/O APIC, the timer of IRQ 0 is wired to the input that the cascade leaves free. */
    private static final int TIMER_IOAPIC_PIN = 2;

    /** Puts a whole table into force. */
    @FunctionalInterface
    public interface Table {
        /** Replaces all routes; throws and leaves the old in force if it can't. */
        void replace(List<GsiRoute> routes);
    }

    private final Table table;
    private final int maxRoutes;
    private final List<GsiRoute> pins = pcPins();
    private final BitSet allocated = new BitSet();
    private final Map<Integer, GsiRoute.Message> messages = new TreeMap<>();

    /**
     * Puts the wiring of a PC into force.
     *
     * @param table what takes the routes
     * @param maxRoutes entries that it can hold, and one more than the highest GSI
     */
    public GsiRouter(Table table, int maxRoutes) {
        if (maxRoutes < pins.size()) {
            throw new IllegalArgumentException("a PC needs " + pins.size() + " routes, there are " + maxRoutes);
        }
        this.table = table;
        this.maxRoutes = maxRoutes;
        table.replace(pins);
    }

    /**
     * The wiring of a PC: ISA IRQs 0 to 15 to both 8259As and to the I/O APIC input of the same number, except that IRQ 0 is on
     * input 2 and IRQ 2, the cascade, on none; GSIs 16 to 23 to the I/O APIC alone.
     */
    public static List<GsiRoute> pcPins() {
        List<GsiRoute> routes = new ArrayList<>();
        for (int gsi = 0; gsi < PIN_COUNT; gsi++) {
            if (gsi == CASCADE_IRQ) {
                continue;
            }
            if (gsi < PIC_PIN_COUNT) {
                routes.add(new GsiRoute.Pin(gsi, GsiRoute.Chip.PIC_MASTER, gsi));
            } else if (gsi < 2 * PIC_PIN_COUNT) {
                routes.add(new GsiRoute.Pin(gsi, GsiRoute.Chip.PIC_SLAVE, gsi - PIC_PIN_COUNT));
            }
            routes.add(new GsiRoute.Pin(gsi, GsiRoute.Chip.IOAPIC, gsi == 0 ? TIMER_IOAPIC_PIN : gsi));
        }
        return List.copyOf(routes);
    }

    /**
     * Hands out a GSI for messages; nothing is routed from it yet.
     *
     * @throws IllegalStateException if there is none left
     */
    public synchronized int allocateMessageGsi() {
        int gsi = PIN_COUNT + allocated.nextClearBit(0);
        if (gsi >= maxRoutes - (pins.size() - PIN_COUNT)) {
            throw new IllegalStateException("all " + allocated.cardinality() + " GSIs for messages are in use");
        }
        allocated.set(gsi - PIN_COUNT);
        return gsi;
    }

    /** Routes an allocated GSI to a message, or to another one than before. */
    public synchronized void routeMessage(int gsi, long addressGpa, int data) {
        requireAllocated(gsi);
        GsiRoute.Message route = new GsiRoute.Message(gsi, addressGpa, data);
        GsiRoute.@Nullable Message before = messages.put(gsi, route);
        if (!route.equals(before)) {
            replaceOrRestore(gsi, before);
        }
    }

    /** Takes an allocated GSI's route away: signals are lost until it has another. */
    public synchronized void unroute(int gsi) {
        requireAllocated(gsi);
        GsiRoute.@Nullable Message before = messages.remove(gsi);
        if (before != null) {
            replaceOrRestore(gsi, before);
        }
    }

    /** Takes back an allocated GSI with its route. */
    public synchronized void release(int gsi) {
        unroute(gsi);
        allocated.clear(gsi - PIN_COUNT);
    }

    /** The table in force: pins first, then messages by GSI. */
    public synchronized List<GsiRoute> routes() {
        List<GsiRoute> routes = new ArrayList<>(pins);
        routes.addAll(messages.values());
        return List.copyOf(routes);
    }

    private void replaceOrRestore(int gsi, GsiRoute.@Nullable Message before) {
        try {
            table.replace(routes());
        } catch (RuntimeException e) {
            if (before == null) {
                messages.remove(gsi);
            } else {
                messages.put(gsi, before);
            }
            throw e;
        }
    }

    private void requireAllocated(int gsi) {
        if (gsi < PIN_COUNT || !allocated.get(gsi - PIN_COUNT)) {
            throw new IllegalStateException("GSI " + gsi + " is not allocated");
        }
    }
}
