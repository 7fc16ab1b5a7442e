package io.javisor.emulator.cpu;

import io.javisor.core.bus.AddressBus;
import io.javisor.emulator.apic.ApicAccess;
import io.javisor.emulator.apic.ApicRegisters;
import io.javisor.emulator.apic.LocalApic;
import io.javisor.emulator.mmu.DeviceAccess;
import io.javisor.emulator.mmu.HostMemory;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Guest-physical addresses that are no RAM, as one processor reaches them: its own local APIC, doorbells, the bus. For the vCPU's thread;
 * allocates nothing.
 */
final class DeviceMemory implements DeviceAccess, ProcessorMemory.FetchedDevice {
    /** How much memory outside the heap it wants for code that lies in device memory. */
    static final int FETCH_SIZE = 16;

    private final AddressBus bus;
    private final Doorbells doorbells;
    private final @Nullable LocalApic apic;
    private final @Nullable ApicAccess access;
    private final long fetchHva;
    private long reads;
    private long writes;

    DeviceMemory(
            AddressBus bus,
            Doorbells doorbells,
            @Nullable LocalApic apic,
            @Nullable ApicAccess access,
            MemorySegment fetch) {
        this.bus = bus;
        this.doorbells = doorbells;
        this.apic = apic;
        this.access = access;
        fetchHva = fetch.address();
    }

    /** How often the bus was read; any thread. */
    long reads() {
        return reads;
    }

    /** How often it was written; any thread. */
    long writes() {
        return writes;
    }

    @Override
    public long read(long gpa, int size) {
        ApicAccess own = own(gpa);
        if (own != null) {
            return own.read((int) gpa & (ApicRegisters.PAGE_SIZE - 1), size);
        }
        reads++;
        return bus.read(gpa, size);
    }

    @Override
    public void write(long gpa, int size, long value) {
        ApicAccess own = own(gpa);
        if (own != null) {
            own.write((int) gpa & (ApicRegisters.PAGE_SIZE - 1), size, value);
            return;
        }
        if (!doorbells.ring(gpa, size, value)) {
            writes++;
            bus.write(gpa, size, value);
        }
    }

    private @Nullable ApicAccess own(long gpa) {
        return apic != null && apic.isXapic() && (gpa & -ApicRegisters.PAGE_SIZE) == apic.baseGpa() ? access : null;
    }

    @Override
    public long fetch(long gpa, int size) {
        for (int i = 0; i < size; i++) {
            HostMemory.put(fetchHva + i, 1, read(gpa + i, 1));
        }
        return fetchHva;
    }
}
