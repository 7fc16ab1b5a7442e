package io.javisor.emulator.mmu;

import io.javisor.core.memory.GuestMemory;
import java.util.List;

/** Where each page of guest RAM lies in the host's memory. Immutable; a lookup allocates nothing. */
public final class GuestRam {
    /** The page is no RAM. */
    public static final long NOT_RAM = 0;

    public static final int PAGE_SIZE = 4096;

    private final long[] startGpas;
    private final long[] endGpas;
    private final long[] startHvas;

    /**
     * A page that is RAM in part only counts as none.
     *
     * @throws IllegalArgumentException if a region lies on the Java heap or does not begin at a page's boundary
     */
    public GuestRam(List<GuestMemory.Region> regions) {
        int count = regions.size();
        startGpas = new long[count];
        endGpas = new long[count];
        startHvas = new long[count];
        for (int i = 0; i < count; i++) {
            GuestMemory.Region region = regions.get(i);
            if (!region.segment().isNative() || region.startGpa() % PAGE_SIZE != 0) {
                throw new IllegalArgumentException(
                        "RAM at 0x" + Long.toHexString(region.startGpa()) + " is no memory for an engine");
            }
            startGpas[i] = region.startGpa();
            endGpas[i] = region.endGpa() & -PAGE_SIZE;
            startHvas[i] = region.segment().address();
        }
    }

    /** The host address of the page at {@code pageGpa}, a multiple of 4096, or {@link #NOT_RAM}. */
    public long pageHva(long pageGpa) {
        for (int i = 0; i < startGpas.length; i++) {
            if (pageGpa < endGpas[i]) {
                return pageGpa >= startGpas[i] ? startHvas[i] + (pageGpa - startGpas[i]) : NOT_RAM;
            }
        }
        return NOT_RAM;
    }
}
