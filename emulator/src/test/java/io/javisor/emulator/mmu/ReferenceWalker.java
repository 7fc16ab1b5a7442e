package io.javisor.emulator.mmu;

import java.util.ArrayList;
import java.util.List;

/**
 * Paging as the manual's text has it (SDM vol. 3A §4.3 to §4.8), level by level, slow, without a thought for speed. It knows nothing
 * of the product's walker.
 */
final class ReferenceWalker {
    enum Mode {
        OFF,
        LEGACY,
        PAE,
        FOUR_LEVEL
    }

    /** What the guest has switched on and the processor offers. */
    record Setup(
            Mode mode,
            long root,
            boolean wp,
            boolean pse,
            boolean pge,
            boolean smep,
            boolean smap,
            boolean nxe,
            boolean pse36,
            boolean gbPages,
            int maxPhysAddr) {}

    record Access(boolean write, boolean user, boolean fetch, boolean ac) {}

    /** {@code gpa} is -1 if it faults with {@code errorCode}. */
    record Result(long gpa, int errorCode) {}

    interface Memory {
        long load(long gpa, int size);

        void store(long gpa, int size, long value);
    }

    private record Step(long entryGpa, int size, long value) {}

    private static final long ALL = -1L;

    private ReferenceWalker() {}

    static Result translate(Setup setup, Memory memory, long linear, Access access) {
        if (setup.mode == Mode.OFF) {
            return new Result(linear & 0xFFFFFFFFL, 0);
        }
        List<Step> steps = new ArrayList<>();
        int levels = setup.mode == Mode.FOUR_LEVEL ? 4 : 2;
        int size = setup.mode == Mode.LEGACY ? 4 : 8;
        int bitsPerLevel = setup.mode == Mode.LEGACY ? 10 : 9;
        long table = setup.root;
        if (setup.mode == Mode.PAE) {
            // §4.4.1: bits 31:30 choose a PDPTE register.
            long pdpte = memory.load(setup.root + 8 * bits(linear, 31, 30), 8);
            if (bits(pdpte, 0, 0) == 0) {
                return fault(setup, access, false, false);
            }
            table = bits(pdpte, 51, 12) << 12;
        }
        long frame = -1;
        for (int level = levels; level >= 1; level--) {
            int low = 12 + bitsPerLevel * (level - 1);
            long entryGpa = table + size * bits(linear, low + bitsPerLevel - 1, low);
            long entry = memory.load(entryGpa, size);
            if (bits(entry, 0, 0) == 0) {
                return fault(setup, access, false, false);
            }
            steps.add(new Step(entryGpa, size, entry));
            boolean page = level == 1 || (bits(entry, 7, 7) == 1 && mapsPage(setup, level));
            if (reserved(setup, entry, level, page)) {
                return fault(setup, access, true, true);
            }
            if (page) {
                long offset = bits(linear, low - 1, 0);
                frame = setup.mode == Mode.LEGACY
                        ? legacyFrame(setup, entry, level) + offset
                        : (bits(entry, 51, low) << low) + offset;
                break;
            }
            table = setup.mode == Mode.LEGACY ? bits(entry, 31, 12) << 12 : bits(entry, 51, 12) << 12;
        }
        if (!permitted(setup, access, steps)) {
            return fault(setup, access, true, false);
        }
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            long value = step.value | 0x20 | (access.write && i == steps.size() - 1 ? 0x40 : 0);
            memory.store(step.entryGpa, step.size, value);
        }
        return new Result(frame, 0);
    }

    private static boolean mapsPage(Setup setup, int level) {
        return switch (setup.mode) {
            case LEGACY -> level == 2 && setup.pse;
            case PAE -> level == 2;
            default -> level == 2 || (level == 3 && setup.gbPages);
        };
    }

    private static long legacyFrame(Setup setup, long entry, int level) {
        if (level == 1) {
            return bits(entry, 31, 12) << 12;
        }
        // Table 4-4: bits (M-20):13 are bits (M-1):32 of the address, M the smaller of 40 and MAXPHYADDR.
        int m = setup.pse36 ? Math.min(40, setup.maxPhysAddr) : 32;
        long high = m > 32 ? bits(entry, m - 20, 13) : 0;
        return high << 32 | bits(entry, 31, 22) << 22;
    }

    private static boolean reserved(Setup setup, long entry, int level, boolean page) {
        int m = setup.maxPhysAddr;
        if (setup.mode == Mode.LEGACY) {
            if (!page || level == 1) {
                return false;
            }
            int used = setup.pse36 ? Math.min(40, m) : 32;
            return bits(entry, 21, used - 19) != 0;
        }
        if (m < 52 && bits(entry, 51, m) != 0) {
            return true;
        }
        if (setup.mode == Mode.PAE && bits(entry, 62, 52) != 0) {
            return true;
        }
        if (!setup.nxe && bits(entry, 63, 63) != 0) {
            return true;
        }
        if (page && level == 2) {
            return bits(entry, 20, 13) != 0;
        }
        if (page && level == 3) {
            return bits(entry, 29, 13) != 0;
        }
        // Table 4-15, 4-16: PS is reserved in a PML4E, and in a PDPTE where 1-GByte pages are not supported.
        return setup.mode == Mode.FOUR_LEVEL && level >= 3 && bits(entry, 7, 7) != 0;
    }

    private static boolean permitted(Setup setup, Access access, List<Step> steps) {
        boolean userPage = steps.stream().allMatch(step -> bits(step.value, 2, 2) == 1);
        boolean writablePage = steps.stream().allMatch(step -> bits(step.value, 1, 1) == 1);
        boolean xd = setup.nxe && steps.stream().anyMatch(step -> step.size == 8 && bits(step.value, 63, 63) == 1);
        if (access.user) {
            if (!userPage) {
                return false;
            }
            return access.fetch ? !xd : !access.write || writablePage;
        }
        if (access.fetch) {
            return !xd && !(userPage && setup.smep);
        }
        if (userPage && setup.smap && !access.ac) {
            return false;
        }
        return !access.write || writablePage || !setup.wp;
    }

    private static Result fault(Setup setup, Access access, boolean present, boolean rsvd) {
        int code = 0;
        code += present ? 1 : 0;
        code += access.write ? 2 : 0;
        code += access.user ? 4 : 0;
        code += rsvd ? 8 : 0;
        boolean tells = setup.smep || (setup.nxe && setup.mode != Mode.LEGACY);
        code += access.fetch && tells ? 16 : 0;
        return new Result(-1, code);
    }

    private static long bits(long value, int high, int low) {
        return value >>> low & (ALL >>> (63 - (high - low)));
    }
}
