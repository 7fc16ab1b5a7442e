package io.javisor.machine.program;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A random program with the state that it starts in: a case of the harness ({@code harness.S}, which has the layout too). It is made of slots, from each of which
 * a fault leads to the next.
 */
final class RandomProgram {
    static final int CASE_SIZE = 0x3000;
    static final int CASES_GPA = 0x28_0000;

    /** Where the window of 64 KiB begins, linear. */
    static final long WINDOW = 0x1000_0000;

    private static final int DATA_GPA = 0x24_0000;
    private static final int PAGE = 0x1000;
    private static final int CODE_AT = 0xc000;
    private static final int STACK_AT = 0x9000;
    private static final int ALIAS = 0x2000;
    private static final int CODE_MAX = 1000;
    private static final int CODE_LINEAR = 0x158;

    private static final long PRESENT = 1;
    private static final long WRITABLE = 2;
    private static final long USER = 4;
    private static final long ACCESSED_DIRTY = 0x60;
    private static final long NO_EXECUTE = 1L << 63;

    private static final long CR0 = 0x8001_0033L;
    private static final long WP = 0x1_0000;
    private static final long CR4 = 0x620;
    private static final long SMEP = 1 << 20;
    private static final long SMAP = 1 << 21;
    private static final long AC = 1 << 18;

    /** What processors and QEMU agree in, or also what QEMU does not do: limits and types of segments, alignment checks. */
    enum Kind {
        COMMON,
        STRICT
    }

    /** A mode with a privilege level and selectors. */
    record Mode(int bits, int ring, int cs, int ss, int ds, boolean based) {}

    private static final List<Mode> COMMON_MODES = List.of(
            new Mode(64, 3, 0x2b, 0x23, 0x23, false),
            new Mode(64, 0, 0x08, 0x10, 0x10, false),
            new Mode(64, 3, 0x2b, 0x23, 0, false),
            new Mode(64, 0, 0x08, 0, 0x23, false),
            new Mode(32, 3, 0x1b, 0x23, 0x23, false),
            new Mode(32, 3, 0x43, 0xfb, 0x3b, true),
            new Mode(32, 0, 0x78, 0x10, 0x10, false),
            new Mode(16, 3, 0x33, 0x3b, 0x3b, true),
            new Mode(16, 0, 0x80, 0x88, 0x88, true));

    private static final List<Mode> STRICT_MODES = List.of(
            new Mode(32, 3, 0x43, 0x4b, 0x4b, true),
            new Mode(32, 3, 0x43, 0x3b, 0xd3, true),
            new Mode(16, 3, 0x10b, 0x103, 0x103, true),
            new Mode(32, 3, 0x43, 0xfb, 0x103, true),
            new Mode(16, 3, 0x33, 0x53, 0x3b, true),
            new Mode(16, 3, 0x33, 0x3b, 0x53, true),
            new Mode(32, 3, 0x1b, 0x23, 0x6b, false),
            new Mode(64, 3, 0x2b, 0x23, 0x23, false),
            new Mode(32, 3, 0x1b, 0x23, 0x23, false));

    private final SplittableRandom random;
    private final Mode mode;
    private final Kind kind;
    private final int index;
    private final ByteArrayOutputStream code = new ByteArrayOutputStream();
    private final List<Integer> slots = new ArrayList<>();
    private final long codeOffset;
    private final boolean userPages;
    private final boolean writableCode;
    private final boolean noPageProtection;

    private RandomProgram(long seed, Kind kind, int index) {
        this.random = new SplittableRandom(seed);
        this.kind = kind;
        this.index = index;
        List<Mode> modes = kind == Kind.COMMON ? COMMON_MODES : STRICT_MODES;
        mode = modes.get(random.nextInt(modes.size()));
        codeOffset =
                (long) CODE_AT + (random.nextBoolean() ? PAGE - random.nextInt(1, 0x200) : 16 + random.nextInt(0x800));
        userPages = mode.ring == 3 || random.nextInt(3) > 0;
        writableCode = random.nextInt(3) == 0;
        noPageProtection = random.nextInt(6) == 0;
    }

    /** Makes one that will be the {@code index}-th of its image. */
    static byte[] make(long seed, Kind kind, int index) {
        return new RandomProgram(seed, kind, index).make();
    }

    /** Where in a case its code begins. */
    static int codeIn(ByteBuffer made) {
        return PAGE + (int) (made.getLong(CODE_LINEAR) - WINDOW) - CODE_AT;
    }

    /** Whether an instruction of the program changes the next one. */
    static boolean changesAhead(long seed, Kind kind) {
        return new RandomProgram(seed, kind, 0).write().changesAhead();
    }

    private ProgramWriter write() {
        ProgramWriter writer = new ProgramWriter(
                random,
                mode,
                kind,
                code,
                slots,
                WINDOW + codeOffset,
                WINDOW + codeOffset + (writableCode ? 0 : ALIAS),
                CODE_MAX);
        writer.write();
        return writer;
    }

    private byte[] make() {
        ProgramWriter _ = write();
        byte[] program = code.toByteArray();
        ByteBuffer made = ByteBuffer.allocate(CASE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        registers(made);
        state(made, program.length);
        pages(made);
        for (int slot = 0; slot < slots.size(); slot++) {
            int start = slots.get(slot);
            int end = slot + 1 < slots.size() ? slots.get(slot + 1) : program.length;
            // From the last there is no next: that is the end of the pass, again.
            int next = slot + 1 < slots.size() ? end : start;
            for (int i = start; i < end; i++) {
                made.putShort(0x400 + 2 * i, (short) next);
            }
        }
        made.put(codeIn(made), program);
        return made.array();
    }

    private void registers(ByteBuffer made) {
        long base = mode.based ? 0 : WINDOW;
        Encoder pointers = new Encoder(random, mode.bits, WINDOW, base, new ByteArrayOutputStream());
        for (int i = 0; i < 16; i++) {
            long value =
                    switch (i) {
                        case Encoder.RSP ->
                            base + STACK_AT + random.nextInt(-0x80, 0x80) / (random.nextInt(4) == 0 ? 1 : 8) * 8L;
                        case Encoder.RBX, Encoder.RBP, Encoder.RSI, Encoder.RDI -> base + pointers.pointer();
                        case Encoder.INDEX -> random.nextInt(-64, 64);
                        default -> value();
                    };
            boolean wide = mode.bits == 64 || i >= 8;
            made.putLong(8 * i, wide ? value : value & 0xffff_ffffL);
        }
    }

    private long value() {
        return switch (random.nextInt(5)) {
            case 0 -> random.nextInt(-4, 40);
            case 1 -> 1L << random.nextInt(64);
            case 2 -> random.nextInt();
            case 3 -> WINDOW + random.nextInt(0x10000);
            default -> random.nextLong();
        };
    }

    private void state(ByteBuffer made, int length) {
        long linear = WINDOW + codeOffset;
        made.putLong(0x80, mode.based ? codeOffset : linear);
        boolean smap = mode.ring == 0 && userPages && random.nextInt(3) == 0;
        long flags = 0x202;
        if (smap && random.nextInt(4) > 0) {
            flags |= AC;
        }
        boolean aligned = kind == Kind.STRICT && mode.ring == 3 && random.nextInt(3) == 0;
        if (aligned) {
            flags |= AC;
        }
        made.putLong(0x88, flags);
        made.putLong(0x90, mode.cs);
        made.putLong(0x98, mode.ss);
        made.putShort(0xa0, (short) mode.ds);
        made.putShort(0xa2, (short) mode.ds);
        made.putShort(0xa4, (short) (mode.bits == 64 ? 0 : mode.ds));
        made.putShort(0xa6, (short) (mode.bits == 64 ? 0 : 0x3b));
        long cr0 = noPageProtection ? CR0 & ~WP : CR0;
        if (random.nextInt(10) == 0) {
            cr0 |= 8; // TS
        }
        made.putLong(0xa8, aligned ? cr0 | AC : cr0); // AM is the same bit
        long cr4 = CR4 | (smap ? SMAP : 0);
        if (mode.ring == 3 || !userPages) {
            cr4 |= random.nextBoolean() ? SMEP : 0;
        }
        made.putLong(0xb0, cr4);
        if (mode.bits == 64) {
            made.putLong(0x140, WINDOW + random.nextInt(0x100));
            made.putLong(0x148, WINDOW + random.nextInt(0x100));
        }
        made.putLong(0x150, WINDOW + 8L * random.nextInt(0x100));
        made.putLong(CODE_LINEAR, linear);
        made.putLong(0x160, length);
        made.putLong(0x168, 12);
        // IRETQ to a stack of 16 bits leaves the upper part of RSP: after an interrupt it is another.
        boolean wideStack = mode.bits == 64 || mode.ss == 0x23 || mode.ss == 0x10 || mode.ss == 0xfb;
        made.putLong(0x170, wideStack && random.nextInt(3) == 0 ? 100_000 + random.nextInt(300_000) : 0);
    }

    private void pages(ByteBuffer made) {
        int[] dataPages = {0, 1, 2, 3, 4, -1, 5, 6, 7, 8, -1, 0};
        long user = userPages ? USER : 0;
        for (int i = 0; i < 16; i++) {
            long entry = PRESENT | user | (random.nextInt(2) == 0 ? 0 : random.nextLong() & ACCESSED_DIRTY);
            if (i >= 12) {
                boolean alias = i >= 14;
                long gpa = CASES_GPA + (long) index * CASE_SIZE + PAGE * (1L + (i & 1));
                entry |= gpa | (alias || writableCode ? WRITABLE : 0) | (alias ? NO_EXECUTE : 0);
            } else if (dataPages[i] < 0) {
                entry = random.nextLong() & ~PRESENT;
            } else {
                entry |= DATA_GPA + (long) PAGE * dataPages[i] | (i == 4 ? 0 : WRITABLE);
                if (i == 6) {
                    entry &= ~USER;
                }
                entry |= NO_EXECUTE; // what goes astray ends a pass
            }
            made.putLong(0xc0 + 8 * i, entry);
        }
        made.putLong(0xb8, PRESENT | WRITABLE | USER | (random.nextInt(3) == 0 ? ACCESSED_DIRTY : 0));
    }
}
