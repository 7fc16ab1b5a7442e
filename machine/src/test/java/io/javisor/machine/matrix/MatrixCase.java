package io.javisor.machine.matrix;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One case for the harness: what memory holds, and the registers that it starts with. It ends by INT 0x81 or by a fault. Memory that
 * was poked is read then, and put back.
 */
final class MatrixCase {
    static final int SIZE = 512;
    static final int POKES_MAX = 23;

    private static final int COUNT_AT = 128;
    private static final int POKES_AT = 136;
    private static final int HOME_LDT = 0x68;
    private static final int HOME_LDT_LONG = 0x70;
    private static final int HOME_TSS = 0x60;

    private final long[] head = new long[COUNT_AT / 8];
    private final Map<Long, Long> pokes = new LinkedHashMap<>();

    private MatrixCase() {}

    /** Starts at {@code rip} at a privilege level, with flat segments, on a stack of the level's own. */
    static MatrixCase at(MatrixGuest guest, String stub, int cpl) {
        MatrixCase made = new MatrixCase();
        return made.set(Register.LDTR, guest.mode() == MatrixGuest.Mode.LONG ? HOME_LDT_LONG : HOME_LDT)
                .set(Register.TR, HOME_TSS)
                .set(Register.RIP, guest.address(stub, cpl))
                .set(Register.CS, code(cpl))
                .set(Register.SS, data(cpl))
                .set(Register.RSP, guest.stackTop(cpl))
                .set(Register.RFLAGS, 2)
                .set(Register.DATA, data(3));
    }

    /** The harness's flat code segment of a level. */
    static int code(int cpl) {
        return 0x08 + 0x10 * cpl | cpl;
    }

    /** The harness's flat data segment of a level. */
    static int data(int cpl) {
        return 0x10 + 0x10 * cpl | cpl;
    }

    /** What a case starts with; DATA is DS to GS, control registers of 0 stay the harness's. */
    enum Register {
        RIP(0),
        RAX(1),
        RBX(2),
        RCX(3),
        RDX(4),
        CS(5),
        SS(6),
        RSP(7),
        RFLAGS(8),
        DATA(9),
        CR0(10),
        CR3(11),
        CR4(12),
        EFER(13),
        LDTR(14),
        TR(15);

        private final int index;

        Register(int index) {
            this.index = index;
        }
    }

    MatrixCase set(Register register, long value) {
        head[register.index] = value;
        return this;
    }

    long get(Register register) {
        return head[register.index];
    }

    /** Has 8 bytes of memory hold a value. They are read, in the order of the first pokes, when the case has ended. */
    MatrixCase poke(long address, long value) {
        pokes.put(address, value);
        if (pokes.size() > POKES_MAX) {
            throw new IllegalStateException("too many pokes");
        }
        return this;
    }

    /** The values poked so far by their addresses. */
    Map<Long, Long> pokes() {
        return Map.copyOf(pokes);
    }

    void writeTo(ByteBuffer out) {
        int at = out.position();
        for (int i = 0; i < head.length; i++) {
            out.putLong(at + 8 * i, head[i]);
        }
        out.putLong(at + COUNT_AT, pokes.size());
        int poke = at + POKES_AT;
        for (Map.Entry<Long, Long> entry : pokes.entrySet()) {
            out.putLong(poke, entry.getKey());
            out.putLong(poke + 8, entry.getValue());
            poke += 16;
        }
        out.position(at + SIZE);
    }
}
