package io.javisor.emulator.system;

import static io.javisor.emulator.state.SegmentAttributes.isSystem;
import static io.javisor.emulator.system.DescriptorTables.attributes;
import static io.javisor.emulator.system.DescriptorTables.base;
import static io.javisor.emulator.system.DescriptorTables.isNull;
import static io.javisor.emulator.system.DescriptorTables.limit;

import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;

/** LGDT, LIDT, LLDT, LTR and their opposites (SDM vol. 2, vol. 3A §2.4, §2.8.1). */
public final class TableRegisters {
    private final CpuBlock cpu;
    private final LinearMemory memory;
    private final DescriptorTables tables;

    TableRegisters(SystemContext context, DescriptorTables tables) {
        this.cpu = context.cpu;
        this.memory = context.memory;
        this.tables = tables;
    }

    /**
     * LGDT.
     *
     * @param linear where limit and base are: 6 bytes, 10 in 64-bit mode
     * @param size of the operand: with 2 the base has 24 bits
     */
    public void loadGdt(long linear, int size) {
        load(linear, size, StateLayout.GDTR_BASE_OFFSET, StateLayout.GDTR_LIMIT_OFFSET);
    }

    /** LIDT. As {@link #loadGdt}. */
    public void loadIdt(long linear, int size) {
        load(linear, size, StateLayout.IDTR_BASE_OFFSET, StateLayout.IDTR_LIMIT_OFFSET);
    }

    /** SGDT. The base is stored whole, whatever the size of the operand. */
    public void storeGdt(long linear) {
        store(linear, StateLayout.GDTR_BASE_OFFSET, StateLayout.GDTR_LIMIT_OFFSET);
    }

    /** SIDT. */
    public void storeIdt(long linear) {
        store(linear, StateLayout.IDTR_BASE_OFFSET, StateLayout.IDTR_LIMIT_OFFSET);
    }

    /** LLDT. */
    public void loadLdt(int selector) {
        int chosen = requireSupervisor(selector);
        if (isNull(chosen)) {
            cpu.setSegment(CpuBlock.LDTR, chosen, 0, 0, SegmentAttributes.UNUSABLE);
            return;
        }
        long raw = fetchSystem(chosen);
        if (!isSystem(attributes(raw), SegmentAttributes.TYPE_LDT)) {
            throw tables.fault(Vectors.GP, chosen);
        }
        long base = checkedBase(chosen, raw);
        cpu.setSegment(CpuBlock.LDTR, chosen, base, limit(raw), attributes(raw));
    }

    /** LTR. */
    public void loadTask(int selector) {
        int chosen = requireSupervisor(selector);
        if (isNull(chosen)) {
            throw cpu.generalProtection();
        }
        long raw = fetchSystem(chosen);
        boolean tss = isSystem(attributes(raw), SegmentAttributes.TYPE_TSS32)
                || (!cpu.longMode() && isSystem(attributes(raw), SegmentAttributes.TYPE_TSS16));
        if (!tss) {
            throw tables.fault(Vectors.GP, chosen);
        }
        long base = checkedBase(chosen, raw);
        tables.setBusy(chosen, true);
        int busy = attributes(raw) | (SegmentAttributes.TYPE_TSS32_BUSY ^ SegmentAttributes.TYPE_TSS32);
        cpu.setSegment(CpuBlock.TR, chosen, base, limit(raw), busy);
    }

    /** SLDT. */
    public int storeLdt() {
        return storeSelector(CpuBlock.LDTR);
    }

    /** STR. */
    public int storeTask() {
        return storeSelector(CpuBlock.TR);
    }

    private void load(long linear, int size, int baseOffset, int limitOffset) {
        if (cpu.cpl() != 0) {
            throw cpu.generalProtection();
        }
        boolean code64 = cpu.code64();
        int limit = (int) memory.read(linear, 2);
        long base = memory.read(next(linear), code64 ? 8 : 4);
        if (code64 && !CpuBlock.isCanonical(base)) {
            throw cpu.generalProtection();
        }
        cpu.putLong(baseOffset, !code64 && size == 2 ? base & 0xFF_FFFF : base);
        cpu.putInt(limitOffset, limit);
    }

    private void store(long linear, int baseOffset, int limitOffset) {
        requireNotHidden();
        boolean code64 = cpu.code64();
        memory.checkWrite(linear, code64 ? 10 : 6, false);
        memory.write(linear, 2, cpu.getInt(limitOffset));
        memory.write(next(linear), code64 ? 8 : 4, cpu.getLong(baseOffset));
    }

    private long next(long linear) {
        return cpu.code64() ? linear + 2 : (linear + 2) & 0xFFFF_FFFFL;
    }

    private int storeSelector(int segment) {
        if (cpu.realAddressing()) {
            throw cpu.undefinedOpcode();
        }
        requireNotHidden();
        return cpu.selector(segment);
    }

    private int requireSupervisor(int selector) {
        if (cpu.realAddressing()) {
            throw cpu.undefinedOpcode();
        }
        if (cpu.cpl() != 0) {
            throw cpu.generalProtection();
        }
        return selector & 0xFFFF;
    }

    // Vol. 3A §2.5: CR4.UMIP.
    private void requireNotHidden() {
        if (cpu.cpl() != 0 && (cpu.cr4() & Bits.CR4_UMIP) != 0) {
            throw cpu.generalProtection();
        }
    }

    private long fetchSystem(int selector) {
        if ((selector & 4) != 0) {
            throw tables.fault(Vectors.GP, selector);
        }
        return tables.fetch(selector, Vectors.GP);
    }

    // In IA-32e mode these descriptors have 16 bytes (§3.5, §8.2.3).
    private long checkedBase(int selector, long raw) {
        long base = base(raw);
        if (cpu.longMode()) {
            long upper = tables.fetchUpper(selector, Vectors.GP);
            base |= upper << 32;
            if ((upper >>> 40 & 0x1F) != 0 || !CpuBlock.isCanonical(base)) {
                throw tables.fault(Vectors.GP, selector);
            }
        }
        if (!SegmentAttributes.present(attributes(raw))) {
            throw tables.fault(Vectors.NP, selector);
        }
        return base;
    }
}
