package io.javisor.machine.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What the harness wrote down of a program: its end, and a record of each fault. */
final class ProgramOutcome {
    private static final int RECORDS_AT = 0x100;
    private static final int RECORD_SIZE = 64;
    private static final int RECORDS_MAX = 60;
    private static final int STACK_FAULT = 12;
    private static final int GENERAL_PROTECTION = 13;
    private static final int PAGE_FAULT = 14;
    private static final long WRITE = 2;
    private static final long IDT = 2;
    private static final long RESERVED_FLAGS = 0x28;
    private static final int RFLAGS_AT = 136;
    private static final int FAULTS_AT = 160;
    private static final String[] END = {
        "rax",
        "rcx",
        "rdx",
        "rbx",
        "rsp",
        "rbp",
        "rsi",
        "rdi",
        "r8",
        "r9",
        "r10",
        "r11",
        "r12",
        "r13",
        "r14",
        "r15",
        "rip",
        "rflags",
        "cs,ss,ds,es",
        "fs,gs",
        "faults",
        "data",
        "dirty",
        "xmm",
        "gdt",
        "fs base",
        "gs base",
        "kernel gs base",
        "passes left",
        "mxcsr"
    };
    private static final String[] RECORD = {
        "vector,cs,ss,ds", "error", "rip", "rflags", "rsp", "cr2/dr6", "hash of registers", "es,fs,gs"
    };

    private final ByteBuffer bytes;

    ProgramOutcome(byte[] page) {
        bytes = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** How many faults and software interrupts there were. */
    int faults() {
        return bytes.getInt(FAULTS_AT);
    }

    /** The vectors of those that are recorded. */
    List<Integer> vectors() {
        List<Integer> vectors = new ArrayList<>();
        for (int i = 0; i < Math.min(faults(), RECORDS_MAX); i++) {
            vectors.add((int) bytes.getShort(RECORDS_AT + i * RECORD_SIZE));
        }
        return vectors;
    }

    /**
     * Without what QEMU 7.2 does otherwise than a processor: a page fault's error code does not call an instruction that reads and writes a
     * write where there is no page to read; the error code of a fault by the IDT has the vector times 16, not times 8; a
     * non-canonical address is #GP by the stack too; and bits 3 and 5 of
     * RFLAGS may be 1.
     */
    ProgramOutcome normalized() {
        byte[] page = bytes.array().clone();
        ByteBuffer copy = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < Math.min(faults(), RECORDS_MAX); i++) {
            int at = RECORDS_AT + i * RECORD_SIZE;
            int vector = copy.getShort(at);
            long error = copy.getLong(at + 8);
            if (vector == PAGE_FAULT) {
                error &= ~WRITE;
            } else if (vector == STACK_FAULT && error == 0) {
                copy.putShort(at, (short) GENERAL_PROTECTION);
            } else if ((error & IDT) != 0) {
                error &= 7;
            }
            copy.putLong(at + 8, error);
            copy.putLong(at + 24, copy.getLong(at + 24) & ~RESERVED_FLAGS);
        }
        copy.putLong(RFLAGS_AT, copy.getLong(RFLAGS_AT) & ~RESERVED_FLAGS);
        return new ProgramOutcome(page);
    }

    String digest() {
        CRC32C sum = new CRC32C();
        sum.update(bytes.duplicate());
        return HexFormat.of().toHexDigits((int) sum.getValue());
    }

    /** The first difference, in words; null if there is none. */
    static @Nullable String difference(ProgramOutcome expected, ProgramOutcome actual) {
        int records = Math.min(Math.max(expected.faults(), actual.faults()), RECORDS_MAX);
        for (int at = RECORDS_AT; at < RECORDS_AT + records * RECORD_SIZE; at += 8) {
            if (expected.bytes.getLong(at) != actual.bytes.getLong(at)) {
                int record = (at - RECORDS_AT) / RECORD_SIZE;
                return "record " + record + ": " + RECORD[(at - RECORDS_AT) % RECORD_SIZE / 8] + hex(expected, at)
                        + ", not" + hex(actual, at) + "\n  expected" + expected.record(record) + "\n  actual  "
                        + actual.record(record);
            }
        }
        for (int at = 0; at < 8 * END.length; at += 8) {
            if (expected.bytes.getLong(at) != actual.bytes.getLong(at)) {
                return "end: " + END[at / 8] + hex(expected, at) + ", not" + hex(actual, at);
            }
        }
        return null;
    }

    private String record(int index) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < RECORD_SIZE; i += 8) {
            text.append(hex(this, RECORDS_AT + index * RECORD_SIZE + i));
        }
        return text.toString();
    }

    private static String hex(ProgramOutcome of, int at) {
        return " " + Long.toHexString(of.bytes.getLong(at));
    }
}
