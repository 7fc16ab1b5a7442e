package io.javisor.emulator.mmu;

import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import java.lang.foreign.MemorySegment;

/**
 * A vCPU's memory management unit: page walks and what was kept of them.
 *
 * <p>The TLB keeps one address space: each write of CR3 drops what is not global, also with PCIDs, which SDM vol. 3A §4.10.4.1
 * allows (a processor may drop more than it must). Only the vCPU's thread calls it.
 */
public final class Mmu {
    private final CpuBlock cpu;
    private final GuestMemory memory;
    private final WriteWatch watch;
    private final Paging paging;
    private final PageWalker walker;
    private final Tlb tlb;
    private int dataSet;
    private int fetchSet;
    private long loadedGpa;
    private boolean loadedGlobal;
    private long walks;
    private long translations;
    private int globalTranslations;

    /**
     * @param tlbMemory {@link Tlb#SIZE} bytes
     * @param physicalBits MAXPHYADDR as CPUID tells it, 32 to 52
     * @param pages1G whether pages of 1 GiB are offered
     * @param pse36 whether PSE-36 is offered
     */
    public Mmu(
            CpuBlock cpu,
            GuestMemory memory,
            WriteWatch watch,
            MemorySegment tlbMemory,
            int physicalBits,
            boolean pages1G,
            boolean pse36) {
        this.cpu = cpu;
        this.memory = memory;
        this.watch = watch;
        paging = new Paging(physicalBits, pages1G, pse36);
        walker = new PageWalker(memory, watch, paging);
        tlb = new Tlb(tlbMemory);
        controlsChanged();
    }

    /** CR0, CR3, CR4, EFER or the PDPTEs changed. What is kept of earlier walks stays: see {@link #flush}. */
    public void controlsChanged() {
        paging.read(cpu);
        putView(StateLayout.USER_VIEW_OFFSET, Tlb.USER, Tlb.FETCH_USER);
        putView(StateLayout.SUPERVISOR_VIEW_OFFSET, Tlb.SUPERVISOR, Tlb.FETCH_SUPERVISOR);
        cpu.putLong(StateLayout.TLB_AC_OFFSET, tlb.setHva(paging.smap ? Tlb.SUPERVISOR_AC : Tlb.SUPERVISOR));
        privilegeChanged();
    }

    private void putView(int view, int data, int fetches) {
        cpu.putLong(view, tlb.setHva(data));
        cpu.putLong(view + Long.BYTES, tlb.setHva(fetches));
    }

    /** CPL, RFLAGS.AC or CR4.SMAP changed: other sets of the TLB hold from now on. */
    public void privilegeChanged() {
        boolean user = cpu.cpl() == 3;
        boolean past = paging.smap && cpu.flag(Bits.AC);
        dataSet = user ? Tlb.USER : past ? Tlb.SUPERVISOR_AC : Tlb.SUPERVISOR;
        fetchSet = user ? Tlb.FETCH_USER : Tlb.FETCH_SUPERVISOR;
        cpu.putLong(StateLayout.TLB_DATA_OFFSET, tlb.setHva(dataSet));
        cpu.putLong(StateLayout.TLB_FETCH_OFFSET, tlb.setHva(fetchSet));
        cpu.putLong(StateLayout.TLB_IMPLICIT_OFFSET, tlb.setHva(Tlb.SUPERVISOR));
    }

    /** Forgets translations: all, or all but those of global pages. */
    public void flush(boolean globalToo) {
        tlb.flush(globalToo);
        translations++;
        if (globalToo) {
            globalTranslations++;
        }
    }

    /** Forgets the translation of the page of an address, all pieces of a large page, global or not (SDM vol. 3A §4.10.4.1). */
    public void invalidate(long linear) {
        tlb.invalidate(linear);
        translations++;
        if (linear < 0) {
            globalTranslations++;
        }
    }

    /** From now on a write to this page asks the {@link WriteWatch}. */
    public void protect(long pageGpa) {
        tlb.protect(pageGpa);
    }

    /** Changes when a translation is forgotten, so that whoever keeps addresses of code looks them up again. */
    public long translations() {
        return translations;
    }

    /** Changes when that of a global page in the upper half may be forgotten: kernels call INVLPG for pages of processes all the time. */
    public int globalTranslations() {
        return globalTranslations;
    }

    /** How often the page tables were walked. */
    public long walks() {
        return walks;
    }

    /** For debuggers: the guest-physical address, or -1 if the address is not mapped. Leaves no trace. */
    public long probe(long linear) {
        return walker.probe(linear);
    }

    /** The set for explicit data accesses, or for implicit ones of the processor itself. */
    int dataSet(boolean implicit) {
        return implicit ? Tlb.SUPERVISOR : dataSet;
    }

    int fetchSet() {
        return fetchSet;
    }

    long setHva(int set) {
        return tlb.setHva(set);
    }

    /**
     * Looks in the TLB's second way, or walks, for an access, and keeps the result in the first way if the page is RAM. Throws #PF, or #GP(0) for an address that is not canonical.
     *
     * @return the host address of the page, or {@link HostMemory#NOT_RAM}
     */
    long load(int set, long linear, boolean write) {
        // Checked before for operands; what is left is a table, or code, at
        // the edge of the canonical addresses. No such page may get a tag.
        if (!CpuBlock.isCanonical(linear)) {
            throw cpu.generalProtection();
        }
        if (tlb.promote(set, linear, write)) {
            long entry = Tlb.entryHva(tlb.setHva(set), linear);
            long page = HostMemory.getLong(entry + Tlb.GPA_OFFSET);
            loadedGpa = page & -HostMemory.PAGE_SIZE;
            loadedGlobal = (page & Tlb.GLOBAL) != 0;
            return HostMemory.getLong(entry + Tlb.HOST_PAGE_OFFSET);
        }
        if (!walk(set, linear, write)) {
            throw cpu.pageFault(walker.errorCode, linear);
        }
        return keep(set, linear, write);
    }

    /**
     * Walks for an access of emitted code at the current privilege, which neither way of the TLB allows.
     *
     * @param size in bytes
     * @return whether the TLB allows it now. If not it faults, or is no plain access to a page of RAM
     */
    public boolean fill(long linear, int size, boolean write) {
        boolean whole = (linear & HostMemory.PAGE_SIZE - 1) + size <= HostMemory.PAGE_SIZE;
        // What is not aligned may fault for that, before it is a write.
        boolean plain = whole && (!write || (linear & size - 1) == 0);
        if (!plain || !CpuBlock.isCanonical(linear) || !walk(dataSet, linear, write)) {
            return false;
        }
        boolean ram = keep(dataSet, linear, write) != HostMemory.NOT_RAM;
        return ram && !(write && watch.isWatched(loadedGpa));
    }

    private boolean walk(int set, long linear, boolean write) {
        int access =
                switch (set) {
                    case Tlb.USER -> PageWalker.USER;
                    case Tlb.SUPERVISOR_AC -> PageWalker.AC_SET;
                    case Tlb.FETCH_USER -> PageWalker.USER | PageWalker.FETCH;
                    case Tlb.FETCH_SUPERVISOR -> PageWalker.FETCH;
                    default -> 0;
                };
        walks++;
        return walker.walk(linear, write ? access | PageWalker.WRITE : access);
    }

    /** What can only be read is no RAM to a write: that goes where device memory's goes. */
    private long keep(int set, long linear, boolean write) {
        long pageGpa = walker.pageGpa;
        loadedGpa = pageGpa;
        loadedGlobal = walker.global;
        long pageHva = memory.pageHva(pageGpa);
        if (pageHva != HostMemory.NOT_RAM) {
            boolean writable = walker.writeReady && set < Tlb.FETCH_USER && !watch.isWatched(pageGpa);
            tlb.fill(set, linear, writable, pageHva, pageGpa, walker.pageShift, walker.global);
        } else if (!write) {
            pageHva = memory.readOnlyPageHva(pageGpa);
            if (pageHva != HostMemory.NOT_RAM) {
                tlb.fill(set, linear, false, pageHva, pageGpa, walker.pageShift, walker.global);
            }
        }
        return pageHva;
    }

    /** Whether the page of the last {@link #load} is a global one. */
    boolean loadedGlobal() {
        return loadedGlobal;
    }

    /** The guest-physical page of the last {@link #load}. */
    long loadedGpa() {
        return loadedGpa;
    }
}
