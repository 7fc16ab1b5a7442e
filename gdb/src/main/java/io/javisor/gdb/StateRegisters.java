package io.javisor.gdb;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuResetState;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.MsrEntry;
import java.util.ArrayList;
import java.util.List;

/** The registers that only all of a vCPU's state has: x87, SSE, and the other GS base. */
final class StateRegisters {
    // The legacy region of an XSAVE area: Intel SDM vol. 1 §13.4.1, table 10-2; its header: §13.4.2
    private static final int FCW = 0;
    private static final int FSW = 2;
    private static final int FTW = 4;
    private static final int FOP = 6;
    private static final int FIP = 8;
    private static final int FCS = 12;
    private static final int FDP = 16;
    private static final int FDS = 20;
    private static final int MXCSR = 24;
    private static final int ST0 = 32;
    private static final int XMM0 = 160;
    private static final int XSTATE_BV = 512;
    private static final int X87 = 1;
    private static final int SSE = 2;
    private static final int ST_SIZE = 10;
    private static final int XMM_SIZE = 16;

    private static final int TAG_EMPTY = 3;
    private static final int TAGS_ALL_EMPTY = 0xFFFF;

    private static final int IA32_KERNEL_GS_BASE = 0xC000_0102;

    private StateRegisters() {}

    /** st0 to st7 and the control registers, as GDB's feature {@code i386.core} has them. */
    static List<Register> x87() {
        List<Register> list = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int at = ST0 + XMM_SIZE * i;
            list.add(new Register.Part(
                    "st" + i,
                    ST_SIZE,
                    "i387_ext",
                    null,
                    state -> has(state, X87) ? bytes(state.xsave(), at, ST_SIZE) : new byte[ST_SIZE]));
        }
        list.add(control("fctrl", state -> has(state, X87) ? u16(state, FCW) : CpuResetState.FCW_INIT));
        list.add(control("fstat", state -> has(state, X87) ? u16(state, FSW) : 0));
        list.add(control("ftag", state -> has(state, X87) ? tags(state.xsave()) : TAGS_ALL_EMPTY));
        list.add(control("fiseg", state -> has(state, X87) ? u16(state, FCS) : 0));
        list.add(control("fioff", state -> has(state, X87) ? u32(state, FIP) : 0));
        list.add(control("foseg", state -> has(state, X87) ? u16(state, FDS) : 0));
        list.add(control("fooff", state -> has(state, X87) ? u32(state, FDP) : 0));
        list.add(control("fop", state -> has(state, X87) ? u16(state, FOP) : 0));
        return list;
    }

    /** xmm0 to xmm15 and mxcsr. */
    static List<Register> sse() {
        List<Register> list = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            int at = XMM0 + XMM_SIZE * i;
            list.add(new Register.Part(
                    "xmm" + i,
                    XMM_SIZE,
                    "vec128",
                    null,
                    state -> has(state, SSE) ? bytes(state.xsave(), at, XMM_SIZE) : new byte[XMM_SIZE]));
        }
        list.add(new Register.Part(
                "mxcsr", 4, "i386_mxcsr", "vector", state -> Values.littleEndian(u32(state, MXCSR), 4)));
        return list;
    }

    /** What SWAPGS would bring. */
    static Register kernelGsBase() {
        return new Register.Part(
                "k_gs_base",
                8,
                "int64",
                "system",
                state -> Values.littleEndian(
                        state.msrs().stream()
                                .filter(msr -> msr.index() == IA32_KERNEL_GS_BASE)
                                .mapToLong(MsrEntry::data)
                                .findFirst()
                                .orElse(0),
                        8));
    }

    @FunctionalInterface
    private interface Field {
        int of(CpuState state);
    }

    private static Register control(String name, Field field) {
        return new Register.Part(name, 4, "int", "float", state -> Values.littleEndian(field.of(state), 4));
    }

    /** A component that is not in use has its initial values, whatever the area says. */
    private static boolean has(CpuState state, int component) {
        return (state.xsave().get(XSTATE_BV) & component) != 0;
    }

    /**
     * The tag word of FNSTENV out of FXSAVE's, which only says what is empty (Intel SDM vol. 2, FXSAVE, table 3-45). The bits are by physical
     * register, the contents from the stack's top on.
     */
    private static int tags(Bytes xsave) {
        int used = xsave.get(FTW);
        int top = xsave.get(FSW + 1) >> 3 & 7;
        int tags = 0;
        for (int physical = 0; physical < 8; physical++) {
            int tag = (used >> physical & 1) == 0 ? TAG_EMPTY : tag(xsave, ST0 + XMM_SIZE * ((physical - top) & 7));
            tags |= tag << (2 * physical);
        }
        return tags;
    }

    /** 0 valid, 1 zero, 2 special. */
    private static int tag(Bytes xsave, int at) {
        long mantissa = Values.ofLittleEndian(bytes(xsave, at, 8));
        int exponent = (int) Values.ofLittleEndian(bytes(xsave, at + 8, 2)) & 0x7FFF;
        if (exponent == 0) {
            return mantissa == 0 ? 1 : 2;
        }
        return exponent == 0x7FFF || mantissa >= 0 ? 2 : 0;
    }

    private static int u16(CpuState state, int at) {
        return (int) Values.ofLittleEndian(bytes(state.xsave(), at, 2));
    }

    private static int u32(CpuState state, int at) {
        return (int) Values.ofLittleEndian(bytes(state.xsave(), at, 4));
    }

    private static byte[] bytes(Bytes from, int at, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) from.get(at + i);
        }
        return bytes;
    }
}
