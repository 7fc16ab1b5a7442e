package io.javisor.machine.matrix;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.matrix.MatrixCase.Register;
import io.javisor.machine.matrix.MatrixGuest.Mode;
import io.javisor.testkit.junit.MachineTest;
import io.javisor.testkit.junit.NotInEmulatedHost;
import org.junit.jupiter.api.Timeout;

/** What a handler finds: the frame, its stack, its flags (SDM vol. 3A §6.12.1, §6.14). */
@Timeout(600)
class EventFrameTest {
    private static final int INTERRUPT = 14;
    private static final int TRAP = 15;
    private static final int INTERRUPT16 = 6;
    private static final int TRAP16 = 7;
    private static final int CODE = 0x1A;
    private static final int TARGET = 0x90;
    private static final int TSS16_STACK = 0xE00;
    // IF, NT, and the one that is always set.
    private static final long FLAGS = 0x4202;
    private static final long IF = 0x200;
    private static final long RF = 0x1_0000;

    /** INT 0x90, or an undefined instruction, by a level; {@code ist} in IA-32e mode only. */
    private record Event(boolean software, int cpl, int type, int level, int ist) {
        int vector() {
            return software ? 0x90 : 6;
        }

        String stub() {
            return software ? "int_90" : "undefined";
        }

        int wordSize(Mode mode) {
            return mode == Mode.LONG ? 8 : type < 8 ? 2 : 4;
        }

        // Of a fault's flags, RF (vol. 3B §18.3.1.1); 16 bits of them have none.
        long flags() {
            return software ? FLAGS : FLAGS | RF;
        }

        boolean keepsInterrupts() {
            return (type & 1) != 0;
        }
    }

    @MachineTest
    void inProtectedMode(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (int type : new int[] {INTERRUPT, TRAP, INTERRUPT16, TRAP16}) {
                for (boolean software : new boolean[] {true, false}) {
                    for (int level = 0; level < 3; level++) {
                        add(
                                table,
                                guest,
                                new Event(software, 3, type, level, 0),
                                guest.stackTop(3),
                                stack32(guest, level));
                    }
                    long own = guest.stackTop(0) - 12;
                    add(table, guest, new Event(software, 0, type, 0, 0), own, own);
                }
            }
        });
    }

    private static long stack32(MatrixGuest guest, int level) {
        return guest.address(level == 0 ? "stack_top" : "stack" + level + "_top");
    }

    @MachineTest
    void in64BitMode(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            for (int type : new int[] {INTERRUPT, TRAP}) {
                for (boolean software : new boolean[] {true, false}) {
                    long user = guest.stackTop(3) - 24;
                    add(table, guest, new Event(software, 3, type, 0, 0), user, guest.address("inner_stack_top"));
                    add(table, guest, new Event(software, 3, type, 1, 0), user, guest.address("inner1_stack_top"));
                    add(table, guest, new Event(software, 3, type, 0, 2), user, guest.address("ist_stack_top"));
                    // Frames begin at a multiple of 16.
                    for (int i = 0; i < 16; i += 5) {
                        long own = guest.stackTop(0) - i;
                        add(table, guest, new Event(software, 0, type, 0, 0), own, own & -16);
                    }
                }
            }
        });
    }

    /** SS becomes null with the level only. QEMU's always does. */
    @MachineTest
    @NotInEmulatedHost
    void byTheIstWithinALevel(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            for (int i = 0; i < 16; i += 5) {
                long own = guest.stackTop(0) - i;
                long top = guest.address("ist_stack_top");
                add(table, guest, new Event(true, 0, INTERRUPT, 0, 2), own, top);
                add(table, guest, new Event(false, 0, TRAP, 0, 2), own, top);
            }
        });
    }

    private static void add(MatrixTable table, MatrixGuest guest, Event event, long oldPointer, long newTop) {
        table.add(
                guest.mode() + " " + event + " " + Long.toHexString(oldPointer),
                input(guest, event, oldPointer, newTop),
                expected(guest, event, oldPointer, newTop, MatrixCase.code(event.cpl)),
                result -> observed(result, guest.mode(), event));
    }

    /** The first pokes are what the frame is to be written over, from the top down. */
    private static MatrixCase input(MatrixGuest guest, Event event, long oldPointer, long newTop) {
        boolean longMode = guest.mode() == Mode.LONG;
        MatrixCase input = MatrixCase.at(guest, event.stub(), event.cpl)
                .set(Register.RFLAGS, FLAGS)
                .set(Register.RSP, oldPointer);
        for (int i = 1; i <= 5; i++) {
            input.poke(newTop - 8L * i, 0);
        }
        long gate = Descriptor.gate(TARGET, guest.address("landing"), Descriptor.access(1, 3, event.type), event.ist);
        int flags = Descriptor.GRANULAR | (longMode ? Descriptor.LONG : Descriptor.BIG);
        int access = Descriptor.access(1, event.level, CODE);
        return input.poke(guest.address("idt") + (long) event.vector() * (longMode ? 16 : 8), gate)
                .poke(guest.address("gdt") + TARGET, Descriptor.segment(0, 0xF_FFFF, access, flags));
    }

    private static String expected(MatrixGuest guest, Event event, long oldPointer, long newTop, int code) {
        boolean inner = event.level < event.cpl;
        boolean longMode = guest.mode() == Mode.LONG;
        boolean withStack = inner || longMode;
        int size = event.wordSize(guest.mode());
        String label = event.software ? "after_int" : "undefined";
        // In the compatible segments, whose base says where level 3 finds it, it is where it is linked.
        long next = code == MatrixCase.code(event.cpl) ? guest.address(label, event.cpl) : guest.address(label);
        StringBuilder text = new StringBuilder();
        int words = 3;
        if (withStack) {
            words = 5;
            word(text, size, MatrixCase.data(event.cpl));
            word(text, size, oldPointer);
        }
        word(text, size, event.flags());
        word(text, size, code);
        word(text, size, next);
        int ss = inner ? longMode ? event.level : MatrixCase.data(event.level) : MatrixCase.data(event.cpl);
        long flags = event.keepsInterrupts() ? IF | 2 : 2;
        return text + Integer.toHexString(TARGET | event.level) + " ss " + Integer.toHexString(ss) + " sp "
                + Long.toHexString(newTop - (long) words * size) + " flags " + Long.toHexString(flags);
    }

    private static void word(StringBuilder text, int size, long value) {
        text.append(Long.toHexString(size == 8 ? value : value & ((1L << (8 * size)) - 1)))
                .append(' ');
    }

    private static String observed(MatrixResult result, Mode mode, Event event) {
        if (!result.finished()) {
            return result.outcome();
        }
        int size = event.wordSize(mode);
        int words = event.level < event.cpl || mode == Mode.LONG ? 5 : 3;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words; i++) {
            int at = i * size;
            word(text, size, result.peeks().get(at / 8) >>> (8 * (8 - size - at % 8)));
        }
        return text + Integer.toHexString(result.cs()) + " ss " + Integer.toHexString(result.ss()) + " sp "
                + Long.toHexString(result.rsp()) + " flags " + Long.toHexString(result.rflags());
    }

    /** Out of 32- and 16-bit code the frame is one of 64 bits too. */
    @MachineTest
    void fromCompatibilityMode(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.LONG, (table, guest) -> {
            for (int code : new int[] {0x4B, 0x53}) {
                for (boolean software : new boolean[] {true, false}) {
                    Event event = new Event(software, 3, INTERRUPT, 0, 0);
                    long pointer = guest.stackTop(3);
                    long top = guest.address("inner_stack_top");
                    MatrixCase input = input(guest, event, pointer, top)
                            .set(Register.CS, code)
                            .set(Register.RIP, guest.address(event.stub()));
                    table.add(
                            "code " + Integer.toHexString(code) + " " + event,
                            input,
                            expected(guest, event, pointer, top, code),
                            result -> observed(result, Mode.LONG, event));
                }
            }
        });
    }

    /** A TSS of 16 bits names the stack of the handler; the gate says how wide the frame is. */
    @MachineTest
    void byATaskStateOf16Bits(EngineProvider engine) throws InterruptedException {
        MatrixTable.check(engine, Mode.PROTECTED, (table, guest) -> {
            for (int type : new int[] {INTERRUPT, TRAP16}) {
                for (int level = 0; level < 3; level++) {
                    Event event = new Event(true, 3, type, level, 0);
                    long top = TSS16_STACK + 0x80L * level;
                    long tss = guest.address("tss");
                    MatrixCase input = input(guest, event, guest.stackTop(3), top)
                            .poke(guest.address("gdt") + 0x60, Descriptor.segment(tss, 0x2B, 0x81, 0))
                            .poke(tss, words(0, TSS16_STACK, MatrixCase.data(0), TSS16_STACK + 0x80))
                            .poke(tss + 8, words(MatrixCase.data(1), TSS16_STACK + 0x100, MatrixCase.data(2), 0));
                    table.add(
                            event.toString(),
                            input,
                            expected(guest, event, guest.stackTop(3), top, MatrixCase.code(3)),
                            result -> observed(result, Mode.PROTECTED, event));
                }
            }
        });
    }

    private static long words(long first, long second, long third, long fourth) {
        return first | second << 16 | third << 32 | fourth << 48;
    }
}
