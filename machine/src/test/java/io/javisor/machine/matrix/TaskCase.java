package io.javisor.machine.matrix;

import io.javisor.machine.matrix.MatrixCase.Register;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A task switch that is tried, and what becomes of both tasks if it is made (SDM vol. 3A §8.2, §8.3, table 8-2) or not. The fields say what
 * is unlike the usual: a switch from level 0 to a task of level 3, by selectors and descriptors that will do.
 */
final class TaskCase {
    /** How it is tried. */
    enum Way {
        JUMP,
        CALL,
        JUMP_BY_GATE,
        CALL_BY_GATE,
        /** INT 0x90. */
        INTERRUPT,
        /** #UD: one with which a second fault is another exception. */
        BENIGN,
        /** #GP: one with an error code, and with which a second fault is #DF. */
        CONTRIBUTORY,
        /** IRET with NT set. */
        RETURN;

        boolean nests() {
            return this != JUMP && this != JUMP_BY_GATE && this != RETURN;
        }

        boolean isDirect() {
            return this == JUMP || this == CALL;
        }

        /** Through a gate of the GDT. */
        boolean isByGate() {
            return this == JUMP_BY_GATE || this == CALL_BY_GATE;
        }

        boolean isEvent() {
            return this == INTERRUPT || isException();
        }

        boolean isException() {
            return this == BENIGN || this == CONTRIBUTORY;
        }

        private int vector() {
            return switch (this) {
                case INTERRUPT -> 0x90;
                case BENIGN -> 6;
                default -> 13;
            };
        }

        private String stub() {
            return switch (this) {
                case JUMP, JUMP_BY_GATE -> "jmp_far";
                case CALL, CALL_BY_GATE -> "call_far";
                case INTERRUPT -> "int_90";
                case BENIGN -> "undefined";
                case CONTRIBUTORY -> "mov_ds";
                case RETURN -> "task_return";
            };
        }
    }

    static final int OLD = 0x80;
    static final int NEW = 0x88;
    static final int GATE = 0x90;
    static final int SEGMENT = 0xA0;
    static final long OLD_TSS = 0x3_8000;
    static final long NEW_TSS = 0x3_9000;
    static final int TASK_GATE = 5;
    static final int BUSY = 2;
    static final int TSS16 = 1;
    static final int TSS32 = 9;
    static final int NESTED = 1 << 14;
    static final int RESUME = 1 << 16;

    /** What the selector of #GP is. */
    static final int BAD_SELECTOR = 0x1F8;

    // A stack of level 0 within reach of 16 bits.
    private static final int STACK0 = 0x98;
    private static final int STACK0_BASE = 0x1_0000;
    private static final int TASK_SWITCHED = 8;

    final MatrixGuest guest;
    final Way way;
    final boolean old32;
    final boolean new32;

    int cpl;
    int rpl;
    int flags = 3;
    int newSelector = NEW;
    long newDescriptor;
    long gate;
    /** Whether what the old task's TSS holds in the end is looked at; there is no room for it and {@link #poke} besides. */
    boolean sees = true;

    /** Whether an error code comes onto the new task's stack; of one that faults, it does not. */
    private boolean pushes;

    private long oldTss = OLD_TSS;
    private long newTss = NEW_TSS;

    // Of the new task: §8.2.1.
    int eip;
    int eflags = 0x8D7;
    final int[] registers = {
        0x1000_1111, 0x1001_2222, 0x1002_3333, 0x1003_4444, 0x4100, 0x1005_6666, 0x1006_7777, 0x1007_8888
    };
    /** ES, CS, SS, DS, FS, GS. */
    final int[] segments = {
        MatrixCase.data(3), MatrixCase.code(3), MatrixCase.data(3), (MatrixCase.data(3) & ~3) | 1, MatrixCase.data(3), 0
    };

    int ldt;
    int trap;
    int cr3;

    private final Map<Long, Long> more = new LinkedHashMap<>();
    private final Map<Register, Long> controls = new LinkedHashMap<>();

    TaskCase(MatrixGuest guest, Way way, boolean old32, boolean new32) {
        this.guest = guest;
        this.way = way;
        this.old32 = old32;
        this.new32 = new32;
        eip = (int) guest.address("landing");
        newDescriptor = tss(new32, way == Way.RETURN ? BUSY : 0, 0, 1);
        gate = Descriptor.gate(NEW, 0, Descriptor.access(1, 3, TASK_GATE), 0);
    }

    static TaskCase of32(MatrixGuest guest, Way way) {
        return new TaskCase(guest, way, true, true);
    }

    /** The new task's descriptor. */
    static long tss(boolean tss32, int busy, int dpl, int present) {
        return tss(NEW_TSS, tss32, busy, dpl, present);
    }

    private static long tss(long address, boolean tss32, int busy, int dpl, int present) {
        int type = (tss32 ? TSS32 : TSS16) | busy;
        return Descriptor.segment(address, tss32 ? 0x67 : 0x2B, Descriptor.access(present, dpl, type), 0);
    }

    TaskCase poke(long address, long value) {
        more.put(address, value);
        return this;
    }

    TaskCase set(Register register, long value) {
        controls.put(register, value);
        return this;
    }

    /** Has the TSSs lie elsewhere; at multiples of 8. */
    TaskCase at(long oldAddress, long newAddress) {
        oldTss = oldAddress;
        newTss = newAddress;
        newDescriptor = tss(newAddress, new32, way == Way.RETURN ? BUSY : 0, 0, 1);
        return this;
    }

    /** Has the new task run at level 0, on its stack. */
    TaskCase toLevel0() {
        registers[4] = (int) guest.stackTop(0) - 0x100;
        segments[1] = MatrixCase.code(0);
        segments[2] = MatrixCase.data(0);
        return this;
    }

    /** Bit EXT of the error codes of what goes wrong with it. */
    int external() {
        return way.isException() ? 1 : 0;
    }

    /** The place in the IDT, as an error code names it. */
    int idtCode() {
        return way.vector() << 3 | 2 | external();
    }

    /** The outcome if such a fault comes of it: another exception's is a double fault. */
    String fault(int vector, int error) {
        return way == Way.CONTRIBUTORY ? MatrixResult.fault(8, 0) : MatrixResult.fault(vector, error);
    }

    private long instruction() {
        return guest.address(way.stub());
    }

    private long next() {
        return switch (way) {
            case JUMP, JUMP_BY_GATE -> guest.address("call_far");
            case CALL, CALL_BY_GATE -> instruction() + 2;
            case INTERRUPT -> guest.address("after_int");
            case RETURN -> guest.address("after_task_return");
            case BENIGN, CONTRIBUTORY -> instruction();
        };
    }

    private int startFlags() {
        return way == Way.RETURN ? flags | NESTED : flags;
    }

    // ---- memory ----

    private Map<Long, Long> memory() {
        Map<Long, Long> all = new LinkedHashMap<>();
        long gdt = guest.address("gdt");
        int link = way == Way.RETURN ? newSelector : 0;
        all.put(
                gdt + OLD,
                Descriptor.segment(oldTss, old32 ? 0x67 : 0x2B, Descriptor.access(1, 0, old32 ? TSS32 : TSS16), 0));
        all.put(gdt + NEW, newDescriptor);
        all.put(oldTss, stack0(old32, link));
        if (old32 && !sees) {
            all.put(oldTss + 8, (long) MatrixCase.data(0));
        }
        if (sees) {
            for (int offset : old32 ? new int[] {0x20, 0x2C, 0x34, 0x48, 0x50, 0x58} : new int[] {0x0C, 0x14, 0x22}) {
                all.put(oldTss + offset, 0L);
            }
        }
        putNew(all);
        if (!old32 || !new32) {
            all.put(
                    gdt + STACK0,
                    Descriptor.segment(STACK0_BASE, 0xFFFF, Descriptor.access(1, 0, 0x13), Descriptor.BIG));
        }
        if (way.isByGate()) {
            all.put(gdt + GATE, gate);
        }
        if (way.isEvent()) {
            all.put(guest.address("idt") + 8L * way.vector(), gate);
        }
        if (way.isByGate() || way.isDirect()) {
            all.put(pointer(), (long) used() << 32);
        }
        all.putAll(more);
        return all;
    }

    /** What the instruction's selector is. */
    int used() {
        return (way.isByGate() ? GATE : newSelector) | rpl;
    }

    private long pointer() {
        return guest.stackTop(0) - 0x800;
    }

    // The link, and the stack of level 0 as far as it fits.
    private long stack0(boolean tss32, int link) {
        long top = guest.address("stack_top");
        return tss32 ? link | top << 32 : link | (top - STACK0_BASE) << 16 | (long) STACK0 << 32;
    }

    private void putNew(Map<Long, Long> all) {
        all.put(newTss, stack0(new32, 0));
        if (new32) {
            all.put(newTss + 8, (long) MatrixCase.data(0));
            all.put(newTss + 0x18, (long) cr3 << 32);
        } else {
            all.put(newTss + 8, 0L);
        }
        int at = new32 ? 0x20 : 0x0E;
        at = put(all, at, eip);
        at = put(all, at, eflags);
        for (int register : registers) {
            at = put(all, at, register);
        }
        for (int i = 0; i < (new32 ? 6 : 4); i++) {
            at = put(all, at, segments[i]);
        }
        at = put(all, at, ldt);
        if (new32) {
            int _ = put(all, at, trap | 0x68 << 16);
        }
    }

    private int put(Map<Long, Long> all, int at, int value) {
        int size = new32 ? 4 : 2;
        all.merge(newTss + (at & ~7), 0L, (old, _) -> old);
        store(all, newTss + at, size, value);
        return at + size;
    }

    private static void store(Map<Long, Long> memory, long address, int size, long value) {
        for (Map.Entry<Long, Long> each : memory.entrySet()) {
            long shift = (address - each.getKey()) * 8;
            if (shift >= 0 && shift + size * 8L <= 64) {
                long mask = ((1L << (size * 8)) - 1) << shift;
                each.setValue((each.getValue() & ~mask) | (value << shift & mask));
            }
        }
    }

    /** Table 8-2, and what is saved. */
    private Map<Long, Long> after(Map<Long, Long> before, boolean switched) {
        Map<Long, Long> all = new LinkedHashMap<>(before);
        long gdt = guest.address("gdt");
        if (!switched || way.nests()) {
            store(all, gdt + OLD + 5, 1, Descriptor.access(1, 0, (old32 ? TSS32 : TSS16) | BUSY));
        }
        if (!switched) {
            return all;
        }
        if (way != Way.RETURN) {
            store(all, gdt + NEW + 5, 1, (newDescriptor >>> 40 & 0xFF) | BUSY);
        }
        if (way.nests()) {
            store(all, newTss, 2, OLD);
        }
        int size = old32 ? 4 : 2;
        int saved = way == Way.RETURN ? startFlags() & ~NESTED : startFlags() | (way.isException() ? RESUME : 0);
        long at = oldTss + (old32 ? 0x20 : 0x0E);
        store(all, at, size, next());
        store(all, at + size, size, saved);
        long[] kept = {
            start(Register.RAX), start(Register.RCX), start(Register.RDX), start(Register.RBX), guest.stackTop(cpl)
        };
        for (int i = 0; i < kept.length; i++) {
            store(all, at + (2L + i) * size, size, kept[i]);
        }
        int[] selectors = {
            MatrixCase.data(3),
            MatrixCase.code(cpl),
            MatrixCase.data(cpl),
            MatrixCase.data(3),
            MatrixCase.data(3),
            MatrixCase.data(3)
        };
        for (int i = 0; i < (old32 ? 6 : 4); i++) {
            store(all, at + (10L + i) * size, 2, selectors[i]);
        }
        return all;
    }

    private long start(Register register) {
        return switch (register) {
            case RAX -> way == Way.CONTRIBUTORY ? BAD_SELECTOR : 0x2000_AAAA;
            case RBX -> pointer();
            case RCX -> 0x2001_BBBBL;
            case RDX -> 0x2002_CCCCL;
            default -> 0;
        };
    }

    // ---- the table ----

    /** A switch that is made, and its task runs to its end. */
    void succeeds(MatrixTable table, String name) {
        pushes = true;
        add(table, name, "ok", true);
    }

    /** One that faults before it is made: all is as it was. */
    void refused(MatrixTable table, String name, String outcome) {
        add(table, name, outcome, false);
    }

    /** One that is made, and its task faults at its first instruction. */
    void faultsInside(MatrixTable table, String name, String outcome) {
        add(table, name, outcome, true);
    }

    /** The case itself, for who looks at other things than these do. */
    MatrixCase input() {
        MatrixCase input =
                MatrixCase.at(guest, way.stub(), cpl).set(Register.TR, OLD).set(Register.RFLAGS, startFlags());
        for (Register register : List.of(Register.RAX, Register.RBX, Register.RCX, Register.RDX)) {
            input.set(register, start(register));
        }
        controls.forEach(input::set);
        memory().forEach(input::poke);
        return input;
    }

    /** Which of the results' peeks is of an address. */
    int placeOf(long address) {
        return List.copyOf(memory().keySet()).indexOf(address);
    }

    /** As {@link #faultsInside}, but an error code has been pushed by then. */
    void faultsLast(MatrixTable table, String name, String outcome) {
        pushes = true;
        add(table, name, outcome, true);
    }

    private void add(MatrixTable table, String name, String outcome, boolean switched) {
        Map<Long, Long> memory = memory();
        StringBuilder expected = new StringBuilder(outcome);
        expected.append(switched ? inside(outcome) : outside(outcome));
        after(memory, switched).forEach((address, value) -> appendChange(expected, memory, address, value));
        table.add(
                (old32 ? "32" : "16") + " to " + (new32 ? "32" : "16") + " bits, "
                        + way.name().toLowerCase(Locale.ROOT) + " by level " + cpl + ": " + name,
                input(),
                expected.toString(),
                result -> {
                    StringBuilder text = new StringBuilder(result.outcome());
                    text.append(state(result, switched));
                    int i = 0;
                    for (long address : memory.keySet()) {
                        appendChange(text, memory, address, result.peeks().get(i++));
                    }
                    return text.toString();
                });
    }

    private static void appendChange(StringBuilder text, Map<Long, Long> before, long address, long value) {
        if (before.getOrDefault(address, 0L) != value) {
            text.append(" [").append(Long.toHexString(address)).append("]=").append(Long.toHexString(value));
        }
    }

    private String outside(String outcome) {
        return state(
                instruction(),
                startFlags() | (outcome.startsWith("#DF") ? 0 : RESUME),
                guest.stackTop(cpl),
                new int[] {MatrixCase.code(cpl), MatrixCase.data(cpl), MatrixCase.data(3)},
                OLD,
                0);
    }

    private String inside(String outcome) {
        boolean ends = outcome.equals("ok");
        int loaded = (new32 ? eflags : eflags & 0xFFFF)
                | 2
                | (way.nests() ? NESTED : 0)
                | (ends || outcome.startsWith("#DF") ? 0 : RESUME);
        long pointer = Integer.toUnsignedLong(new32 ? registers[4] : registers[4] & 0xFFFF);
        if (way == Way.CONTRIBUTORY && pushes) {
            pointer -= new32 ? 4 : 2; // its error code
        }
        StringBuilder text = new StringBuilder();
        if (ends) {
            for (int i = 0; i < 4; i++) {
                text.append(' ').append(Integer.toHexString(new32 ? registers[i] : registers[i] & 0xFFFF));
            }
        }
        text.append(" es ").append(Integer.toHexString(segments[0]));
        text.append(" fs ").append(Integer.toHexString(new32 ? segments[4] : 0));
        text.append(" gs ").append(Integer.toHexString(new32 ? segments[5] : 0));
        text.append(" ldt ").append(Integer.toHexString(ldt));
        return state(
                        ends ? eip + 2L : eip,
                        loaded,
                        pointer,
                        new int[] {segments[1], segments[2], segments[3]},
                        newSelector,
                        TASK_SWITCHED)
                + text;
    }

    private String state(MatrixResult result, boolean switched) {
        boolean df = result.vector() == 8;
        String text = state(
                result.rip(),
                (int) result.rflags() & (df ? ~RESUME : -1),
                switched && !new32 ? result.rsp() & 0xFFFF : result.rsp(),
                new int[] {result.cs(), result.ss(), result.ds()},
                result.tr(),
                result.cr0() & TASK_SWITCHED);
        if (!switched) {
            return text;
        }
        StringBuilder more = new StringBuilder(text);
        if (result.finished()) {
            for (long value : new long[] {result.rax(), result.rcx(), result.rdx(), result.rbx()}) {
                more.append(' ').append(Long.toHexString(new32 ? value : value & 0xFFFF));
            }
        }
        more.append(" es ").append(Integer.toHexString(result.es()));
        more.append(" fs ").append(Integer.toHexString(result.fs()));
        more.append(" gs ").append(Integer.toHexString(result.gs()));
        more.append(" ldt ").append(Integer.toHexString(result.ldtr()));
        return more.toString();
    }

    private static String state(long rip, int flags, long rsp, int[] selectors, int task, int switched) {
        return String.format(
                " eip %x flags %x esp %x cs %x ss %x ds %x tr %x ts %x",
                rip, flags, rsp, selectors[0], selectors[1], selectors[2], task, switched);
    }
}
