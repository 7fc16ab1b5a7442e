package io.javisor.emulator.oracle;

import io.javisor.core.cpu.HostCpu;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The layout of {@code struct record} in oracle.c. */
final class OracleRecord {
    static final int CODE = 0;
    static final int LENGTH = 16;
    static final int FLOW = 20;
    static final int RIP = 24;
    static final int RFLAGS = 32;
    static final int GPR = 64;
    static final int WINDOW = 192;
    static final int WINDOW_SIZE = 1024;
    static final int XSAVE = 1216;
    static final int OUT_RIP = 2048;
    static final int OUT_RFLAGS = 2056;
    static final int TRAP = 2064;
    static final int ERROR = 2072;
    static final int CR2 = 2080;
    static final int OUT_GPR = 2112;
    static final int OUT_XSAVE = 2240;
    static final int PAGES = 3072;

    /** Code of more than 16 bytes is here. */
    static final int LONG_CODE = 11264;

    static final int SIZE = 11776;

    /** {@link #TRAP}: the instruction was carried out. */
    static final int ARRIVED = 255;

    static final long DATA = 0x1000_0000L;
    static final int PAGE = 4096;

    /** Two pages that may be written, one that may be read, nothing around them. */
    static final int DATA_SIZE = 3 * PAGE;

    static final int WRITABLE_SIZE = 2 * PAGE;

    /** Where {@link #WINDOW} lies in the data. */
    static final int WINDOW_AT = PAGE - 512;

    static final long CODE_AREA = 0x1001_0000L;
    static final long GS_BASE = 0x0ff0_0000L;

    /** The components of XSAVE images that the host has, of x87, SSE and AVX; the image of one that it lacks is zeros. */
    static final long COMPONENTS = HostCpu.flags(HostCpu.CPUINFO).contains("avx") ? 7 : 3;

    private static final int UPPER_HALVES = 576;

    private OracleRecord() {}

    /** Marks an image as complete, as the host can load it. */
    static void complete(MemorySegment image) {
        image.set(ValueLayout.JAVA_LONG, 512, COMPONENTS);
        if ((COMPONENTS & 4) == 0) {
            image.asSlice(UPPER_HALVES).fill((byte) 0);
        }
    }

    /** Where a record's code is. */
    static int codeOffset(MemorySegment record) {
        return record.get(ValueLayout.JAVA_INT, LENGTH) > LENGTH - CODE ? LONG_CODE : CODE;
    }

    /** What the data pages hold but for the window. */
    static byte initial(int index) {
        return (byte) (index * 167 + (index >> 8) * 13 + 7);
    }
}
