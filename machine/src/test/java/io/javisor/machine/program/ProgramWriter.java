package io.javisor.machine.program;

import static io.javisor.machine.program.Encoder.RCX;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Writes a random program's slots: an instruction each, or a few that belong together. */
final class ProgramWriter {
    private static final int SLOTS_MAX = 70;
    private final RandomGenerator random;
    private final RandomProgram.Mode mode;
    private final RandomProgram.Kind kind;
    private final ByteArrayOutputStream out;
    private final List<Integer> slots;
    private final long linear;
    private final long writableLinear;
    private final int sizeMax;
    private final Encoder encoder;
    private final SimpleInstructions simple;
    private final SystemInstructions system;
    private final List<Fixup> fixups = new ArrayList<>();
    private final List<Integer> patchable = new ArrayList<>();
    private final int bits;
    private boolean changesAhead;

    /** A relative target to be filled in, relative to its end. */
    private record Fixup(int at, int size, int slot) {}

    ProgramWriter(
            RandomGenerator random,
            RandomProgram.Mode mode,
            RandomProgram.Kind kind,
            ByteArrayOutputStream out,
            List<Integer> slots,
            long linear,
            long writableLinear,
            int sizeMax) {
        this.random = random;
        this.mode = mode;
        this.kind = kind;
        this.out = out;
        this.slots = slots;
        this.linear = linear;
        this.writableLinear = writableLinear;
        this.sizeMax = sizeMax;
        bits = mode.bits();
        encoder = new Encoder(random, bits, linear, mode.based() ? 0 : RandomProgram.WINDOW, out);
        simple = new SimpleInstructions(random, bits, kind == RandomProgram.Kind.STRICT, encoder);
        system = new SystemInstructions(random, mode, kind, encoder, simple);
    }

    void write() {
        if (bits == 16) {
            slots.add(0);
            encoder.bytes(0x66, 0x0f, 0xb7, 0xe4); // movzx esp, sp: IRETQ leaves the upper half of the harness's
        }
        int count = random.nextInt(10, SLOTS_MAX);
        for (int i = 0; i < count && out.size() < sizeMax - 80; i++) {
            slots.add(out.size());
            slot();
        }
        slots.add(out.size());
        encoder.bytes(0xcd, 0x80);
        fix();
    }

    /** Whether an instruction that was written changes the next one. */
    boolean changesAhead() {
        return changesAhead;
    }

    private void fix() {
        byte[] code = out.toByteArray();
        for (Fixup fixup : fixups) {
            int end = fixup.at + fixup.size;
            int target = slots.get(Math.min(fixup.slot, slots.size() - 1));
            int distance = target - end;
            if (fixup.size == 1 && distance > 127) {
                distance = 0;
            }
            for (int i = 0; i < fixup.size; i++) {
                code[fixup.at + i] = (byte) (distance >> (8 * i));
            }
        }
        out.reset();
        out.writeBytes(code);
    }

    private void slot() {
        switch (random.nextInt(40)) {
            case 0, 1, 2, 3 -> branch();
            case 4 -> loop();
            case 5 -> function();
            case 6 -> computedJump();
            case 7 -> strings();
            case 8, 9 -> strings();
            case 10 -> softwareInterrupt();
            case 11 -> flagsByStack();
            case 12, 13 -> system.segments();
            case 14 -> farReturn();
            case 15 -> interruptReturn();
            case 16 -> excursion();
            case 17 -> callGate();
            case 18, 19 -> system.system();
            case 20 -> modifyCode();
            case 21 -> patchable();
            default -> simple.add();
        }
    }

    private int operand() {
        return bits == 16 ? 2 : 4;
    }

    private void target(int size, int ahead) {
        fixups.add(new Fixup(out.size(), size, slots.size() + random.nextInt(ahead)));
        encoder.number(0, size);
    }

    private void branch() {
        switch (random.nextInt(6)) {
            case 0 -> {
                encoder.bytes(0x0f, 0x80 | random.nextInt(16));
                target(operand(), 6);
            }
            case 1 -> {
                encoder.bytes(random.nextInt(4) == 0 ? 0xe8 : 0xe9);
                target(operand(), 3);
            }
            case 2 -> {
                encoder.bytes(0xe0 + random.nextInt(4)); // LOOPNE, LOOPE, LOOP, JCXZ
                target(1, 3);
            }
            default -> {
                encoder.bytes(0x70 | random.nextInt(16));
                target(1, 4);
            }
        }
    }

    /** Back to an earlier slot, for as long as there is fuel. */
    private void loop() {
        int back = slots.get(Math.max(0, slots.size() - 1 - random.nextInt(1, 8)));
        long fuel = (mode.based() ? 0 : RandomProgram.WINDOW) + 0x8000;
        fuel(0xd1, 5, fuel); // shr dword [fuel], 1
        fuel(0x83, 7, fuel); // cmp dword [fuel], 0
        encoder.bytes(0);
        int distance = back - (out.size() + 2);
        if (distance >= -128) {
            encoder.bytes(0x75, distance);
        }
    }

    private void fuel(int opcode, int operation, long address) {
        if (bits == 16) {
            encoder.bytes(0x66, opcode, operation << 3 | 6);
        } else {
            encoder.bytes(opcode, operation << 3 | (bits == 64 ? 4 : 5));
        }
        if (bits == 64) {
            encoder.bytes(0x25);
        }
        encoder.number(address, bits == 16 ? 2 : 4);
    }

    /** A function that is jumped over, and then called. */
    private void function() {
        encoder.bytes(0xeb, 0);
        int begin = out.size();
        simple.add();
        if (random.nextInt(3) == 0) {
            encoder.bytes(0xc2, bits == 64 ? 8 : operand(), 0);
        } else {
            encoder.bytes(0xc3);
        }
        int end = out.size();
        byte[] code = out.toByteArray();
        code[begin - 1] = (byte) (end - begin);
        out.reset();
        out.writeBytes(code);
        slots.add(out.size());
        encoder.bytes(0xe8);
        encoder.number(begin - (out.size() + operand()), operand());
    }

    /** An address of code that is {@code ahead} bytes behind this: in EAX, and if {@code pushed} on the stack. */
    private void pushAhead(int ahead) {
        switch (bits) {
            case 64 -> {
                encoder.bytes(0x48, 0x8d, 0x05); // lea rax, [rip + ahead + 1]
                encoder.number(ahead + 1, 4);
                encoder.bytes(0x50);
            }
            case 32 -> {
                encoder.bytes(0xe8, 0, 0, 0, 0, 0x83, 0x04, 0x24, ahead + 4); // call; add dword [esp]
            }
            default -> encoder.bytes(0xe8, 0, 0, 0x58, 0x83, 0xc0, ahead + 5, 0x50); // call; pop ax; add ax; push ax
        }
    }

    private void computedJump() {
        switch (random.nextInt(3)) {
            case 0 -> {
                pushAhead(1);
                encoder.bytes(0xc3);
            }
            case 1 -> {
                pushAhead(3);
                encoder.bytes(0x58, 0xff, 0xe0); // pop rax; jmp rax
            }
            default -> {
                pushAhead(3);
                encoder.bytes(0x58, 0xff, 0xd0); // pop rax; call rax
            }
        }
    }

    private void strings() {
        if (random.nextInt(5) == 0) {
            encoder.bytes(0xfc + random.nextInt(2));
        }
        boolean repeated = random.nextInt(3) > 0;
        if (repeated && random.nextInt(8) > 0) {
            encoder.bytes(0xb8 | RCX);
            encoder.number(random.nextInt(6) == 0 ? random.nextInt(0x2000) : random.nextInt(40), operand());
        }
        int[] opcodes = {0xa4, 0xa6, 0xaa, 0xac, 0xae};
        if (random.nextInt(8) == 0) {
            encoder.bytes(new int[] {0x26, 0x2e, 0x36, 0x64, 0x65}[random.nextInt(5)]);
        }
        if (random.nextInt(8) == 0) {
            encoder.bytes(0x67);
        }
        if (random.nextInt(4) == 0) {
            encoder.bytes(0x66);
        }
        int opcode = opcodes[random.nextInt(opcodes.length)] + random.nextInt(2);
        if (kind == RandomProgram.Kind.COMMON && (opcode & 0xfe) == 0xa6) {
            opcode += 8; // QEMU's CMPS reads its second operand first
        }
        if (repeated) {
            encoder.bytes(0xf2 + random.nextInt(2));
        }
        if (bits == 64 && random.nextInt(3) == 0) {
            encoder.bytes(0x48);
        }
        encoder.bytes(opcode);
    }

    private void softwareInterrupt() {
        switch (random.nextInt(8)) {
            case 0 -> encoder.bytes(0xcc);
            case 1 -> encoder.bytes(kind == RandomProgram.Kind.STRICT ? 0xf1 : 0xcc); // QEMU's ICEBP is its debugger's
            case 2 -> encoder.bytes(0xce); // INTO; #UD in 64-bit mode
            case 3 -> encoder.bytes(0xcd, 0x81);
            case 4 -> encoder.bytes(0x0f, 0x0b);
            case 5 -> {
                if (bits == 64 && mode.ring() == 3) {
                    encoder.bytes(0x0f, 0x05);
                } else {
                    encoder.bytes(0xcd, 0x81);
                }
            }
            default -> encoder.bytes(0xcd, 0x82 + random.nextInt(6));
        }
    }

    private void addToTopOfStack(int opcode, int mask) { // of PUSHF's image
        switch (bits) {
            case 16 -> {
                encoder.bytes(0x67, 0x81, opcode, 0x24);
                encoder.number(mask, 2);
            }
            default -> {
                encoder.bytes(0x81, opcode, 0x24);
                encoder.number(mask, 4);
            }
        }
    }

    private void pushFlags() {
        encoder.bytes(0x9c);
        addToTopOfStack(AND, ~0x28); // QEMU sets these reserved bits now and then
    }

    private static final int AND = 0x24;
    private static final int OR = 0x0c;
    private static final int XOR = 0x34;

    private void flagsByStack() {
        int[] masks = {0x100, 0x400, 0x4000, 0x3000, 0x200, 0x1000, 0x8d5, 0x40000, 0x200000, 0x10000, 0x100, 0x8000};
        int mask = masks[random.nextInt(masks.length)] | (random.nextInt(3) == 0 ? 0x8d5 : 0);
        pushFlags();
        addToTopOfStack(random.nextBoolean() || (mask & 0x100) != 0 ? OR : XOR, mask);
        encoder.bytes(0x9d);
    }

    private int ownCode() {
        return mode.cs();
    }

    private int farSelector() {
        if (random.nextInt(3) > 0) {
            return ownCode();
        }
        if (random.nextInt(3) > 0) {
            return system.selector();
        }
        return bits == 64 ? (mode.ring() == 3 ? 0xf3 : 0x58) : ownCode();
    }

    private void farReturn() {
        int selector = farSelector();
        system.pushSelector(selector);
        if (bits == 64) {
            pushAhead(2);
            encoder.bytes(0x48, 0xcb);
        } else {
            pushAhead(1);
            encoder.bytes(0xcb);
        }
    }

    private void interruptReturn() {
        int[] masks = {0, 0, 0x100, 0x40000, 0x4000, 0x10000, 0x400, 0x8d5, 0x10100};
        int mask = masks[random.nextInt(masks.length)];
        int selector = random.nextInt(4) == 0 ? farSelector() : ownCode();
        if (bits == 64) {
            encoder.bytes(
                    0x8c, 0xd0, 0x48, 0x8d, 0x0c, 0x24, 0x50, 0x51); // mov eax, ss; lea rcx, [rsp]; push rax; push rcx
        }
        pushFlags();
        if (mask != 0) {
            addToTopOfStack(OR, mask);
        }
        system.pushSelector(selector);
        if (bits == 64) {
            pushAhead(2);
            encoder.bytes(0x48, 0xcf);
        } else {
            pushAhead(1);
            encoder.bytes(0xcf);
        }
    }

    /** From 64-bit mode to 32-bit code and back. */
    private void excursion() {
        if (bits != 64 || mode.ss() == 0) { // in 32-bit code an IRET needs a stack segment
            encoder.bytes(0x90);
            return;
        }
        system.pushSelector(mode.ring() == 3 ? 0x1b : 0x78);
        pushAhead(2);
        encoder.bytes(0x48, 0xcb);
        int[][] some = {{0x40}, {0x41}, {0x4a}, {0x01, 0xc8}, {0x0f, 0xb6, 0xc1}, {0xf7, 0xd2}, {0x66, 0x40}};
        for (int i = random.nextInt(4); i >= 0; i--) {
            encoder.bytes(some[random.nextInt(some.length)]);
        }
        encoder.bytes(0xea);
        encoder.number(linear + out.size() + 6, 4);
        encoder.number(mode.ring() == 3 ? 0x2b : 0x08, 2);
    }

    private void callGate() {
        if (mode.ring() == 0 && mode.based()) { // QEMU pushes by the segment's base
            encoder.bytes(0x90);
            return;
        }
        int[] selectors = {0xb3, 0xb0, 0xc3, 0xc0, 0xb3};
        int selector = random.nextInt(4) == 0 ? system.selector() : selectors[random.nextInt(selectors.length)];
        if (bits == 64) {
            encoder.bytes(0xc7, 0x44, 0x24, 0xe0); // mov dword [rsp - 32]
            encoder.number(random.nextInt(0x1000), 4);
            encoder.bytes(0x66, 0xc7, 0x44, 0x24, 0xe4);
            encoder.number(selector, 2);
            encoder.bytes(0xff, random.nextInt(8) == 0 ? 0x6c : 0x5c, 0x24, 0xe0);
        } else {
            encoder.bytes(random.nextInt(8) == 0 ? 0xea : 0x9a);
            encoder.number(0, operand());
            encoder.number(selector, 2);
        }
    }

    private void patchable() {
        encoder.bytes(0xb8 | random.nextInt(3));
        patchable.add(out.size());
        encoder.number(random.nextInt(), operand());
    }

    /** Changes an immediate, behind or ahead of this. */
    private void modifyCode() {
        boolean ahead = writableLinear == linear && (patchable.isEmpty() || random.nextInt(3) == 0);
        if (!ahead && patchable.isEmpty()) {
            patchable();
            return;
        }
        int size = bits == 64 ? 8 : bits == 32 ? 7 : 5;
        int at = ahead ? out.size() + size + 1 : patchable.get(random.nextInt(patchable.size()));
        long address = (mode.based() ? 0 : RandomProgram.WINDOW) + (writableLinear - RandomProgram.WINDOW) + at;
        encoder.bytes(0x80);
        if (bits == 64) {
            encoder.bytes(0x04, 0x25);
            encoder.number(address, 4);
        } else if (bits == 32) {
            encoder.bytes(0x05);
            encoder.number(address, 4);
        } else {
            encoder.bytes(0x06);
            encoder.number(address, 2);
        }
        encoder.bytes(random.nextInt(256));
        if (ahead) {
            changesAhead = true;
            encoder.bytes(0xb8 | random.nextInt(3));
            encoder.number(random.nextInt(), operand());
        }
    }
}
