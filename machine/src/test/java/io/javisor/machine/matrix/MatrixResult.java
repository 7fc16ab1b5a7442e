package io.javisor.machine.matrix;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of a case. {@code peeks} are the 8 bytes at each place that it poked. From {@code gs} to {@code cr3} only the 32-bit harness
 * tells.
 */
record MatrixResult(
        int vector,
        long error,
        long rip,
        int cs,
        long rflags,
        long rsp,
        int ss,
        long cr2,
        long rax,
        long rbx,
        long rcx,
        long rdx,
        int ds,
        int es,
        int fs,
        int gs,
        int tr,
        int ldtr,
        int cr0,
        int cr3,
        List<Long> peeks) {
    private static final int FINISHED = 0x81;
    private static final int DONE_AT = 120;
    private static final int PEEKS_AT = 128;
    private static final String[] NAMES = {
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "9", "#TS", "#NP", "#SS", "#GP", "#PF"
    };

    static MatrixResult read(ByteBuffer in, int at) {
        if (in.getLong(at + DONE_AT) != 1) {
            throw new AssertionError("the harness left a case out");
        }
        List<Long> peeks = new ArrayList<>();
        for (int i = 0; i < MatrixCase.POKES_MAX; i++) {
            peeks.add(in.getLong(at + PEEKS_AT + 8 * i));
        }
        return new MatrixResult(
                (int) in.getLong(at),
                in.getLong(at + 8),
                in.getLong(at + 16),
                (int) in.getLong(at + 24),
                in.getLong(at + 32),
                in.getLong(at + 40),
                (int) in.getLong(at + 48),
                in.getLong(at + 56),
                in.getLong(at + 64),
                in.getLong(at + 72),
                in.getLong(at + 80),
                in.getLong(at + 88),
                (int) in.getLong(at + 96),
                (int) in.getLong(at + 104),
                in.getShort(at + 112) & 0xFFFF,
                in.getShort(at + 114) & 0xFFFF,
                in.getShort(at + 116) & 0xFFFF,
                in.getShort(at + 118) & 0xFFFF,
                in.getInt(at + 108),
                in.getInt(at + 100),
                peeks);
    }

    boolean finished() {
        return vector == FINISHED;
    }

    /** {@code ok}, or the exception with its error code: {@code #GP(80)}. */
    String outcome() {
        return finished() ? "ok" : vector < NAMES.length ? fault(vector, error) : "vector " + vector;
    }

    static String fault(int vector, long error) {
        return NAMES[vector] + "(" + Long.toHexString(error) + ")";
    }
}
