package io.javisor.emulator.trace;

import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.RegisterNames;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;

/** The registers that a trace shows when they change, as they were at one moment. Not for several threads. */
final class RegisterView {
    private static final int GENERAL_COUNT = 16;
    private static final int LEGACY_COUNT = 8;
    private static final int FLAGS = GENERAL_COUNT;
    private static final int SELECTORS = FLAGS + 1;
    private static final int SELECTOR_COUNT = 6;
    private static final int OTHERS = SELECTORS + SELECTOR_COUNT;
    private static final String[] OTHER_NAMES = {"fsbase", "gsbase", "cr0", "cr3", "cr4", "efer"};
    private static final int COUNT = OTHERS + OTHER_NAMES.length;

    /** What programs look at, as the manuals order it; the upper ones are the kernel's. */
    private static final long[] FLAG_BITS = {
        Flags.CF, Flags.PF, Flags.AF, Flags.ZF, Flags.SF, Bits.TF, Bits.IF, Bits.DF, Flags.OF
    };

    private static final String[] FLAG_NAMES = {"cf", "pf", "af", "zf", "sf", "tf", "if", "df", "of"};

    private final long[] values = new long[COUNT];

    /** Takes all from {@code cpu}. */
    void take(CpuBlock cpu) {
        for (int i = 0; i < COUNT; i++) {
            values[i] = value(cpu, i);
        }
    }

    private static long value(CpuBlock cpu, int register) {
        if (register < GENERAL_COUNT) {
            return cpu.gpr(register);
        }
        if (register == FLAGS) {
            return cpu.rflags();
        }
        if (register < OTHERS) {
            return cpu.selector(register - SELECTORS);
        }
        return switch (register - OTHERS) {
            case 0 -> cpu.base(CpuBlock.FS);
            case 1 -> cpu.base(CpuBlock.GS);
            case 2 -> cpu.cr0();
            case 3 -> cpu.cr3();
            case 4 -> cpu.cr4();
            default -> cpu.efer();
        };
    }

    /** Writes what {@code cpu} has otherwise now, each after a blank: {@code  rax=1 flags=246[pf zf if]}. Bases count in 64-bit mode. */
    void appendChanges(CpuBlock cpu, StringBuilder text) {
        boolean wide = cpu.code64();
        for (int i = 0; i < COUNT; i++) {
            long now = value(cpu, i);
            boolean shown = wide || i < LEGACY_COUNT || (i >= FLAGS && i != OTHERS && i != OTHERS + 1);
            if (now != values[i] && shown) {
                append(i, now, wide, text);
            }
        }
    }

    private static void append(int register, long value, boolean wide, StringBuilder text) {
        text.append(' ');
        if (register < GENERAL_COUNT) {
            text.append(RegisterNames.general(register, wide ? 8 : 4, true)).append('=');
            text.append(Long.toHexString(wide ? value : value & 0xFFFF_FFFFL));
        } else if (register == FLAGS) {
            text.append("flags=").append(Long.toHexString(value)).append('[');
            String separator = "";
            for (int i = 0; i < FLAG_BITS.length; i++) {
                if ((value & FLAG_BITS[i]) != 0) {
                    text.append(separator).append(FLAG_NAMES[i]);
                    separator = " ";
                }
            }
            text.append(']');
        } else if (register < OTHERS) {
            text.append(RegisterNames.segment(register - SELECTORS)).append('=');
            text.append(Long.toHexString(value));
        } else {
            text.append(OTHER_NAMES[register - OTHERS]).append('=').append(Long.toHexString(value));
        }
    }
}
