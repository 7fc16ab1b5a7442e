package io.javisor.kvm;

import org.jspecify.annotations.Nullable;

/** Recognises instructions that software-virtualised hosts are known not to emulate in the guest's kernel. */
final class UnsupportedInstructions {
    private UnsupportedInstructions() {}

    /**
     * Explains a failure.
     *
     * @param instruction its bytes, from the first prefix on
     * @return one line, or null where there is nothing to add
     */
    static @Nullable String hint(byte[] instruction, boolean softwareVirtualised) {
        String name = name(instruction);
        if (softwareVirtualised) {
            return "this host virtualises in software and emulates the guest's kernel"
                    + (name == null ? "; it may not know this instruction" : ", but not " + name)
                    + ". Boot a kernel that does without, or use a host with VT-x or AMD-V";
        }
        return name == null
                ? null
                : "KVM had to emulate " + name + ", which it does on an access to device memory or in real mode only";
    }

    static @Nullable String name(byte[] instruction) {
        int at = 0;
        int repeat = 0;
        boolean wide = false;
        while (at < instruction.length && isPrefix(instruction[at] & 0xFF)) {
            int prefix = instruction[at] & 0xFF;
            if (prefix == 0xF2 || prefix == 0xF3) {
                repeat = prefix;
            }
            wide = prefix >= 0x48 && prefix <= 0x4F;
            at++;
        }
        if (at >= instruction.length) {
            return null;
        }
        int opcode = instruction[at] & 0xFF;
        int next = at + 1 < instruction.length ? instruction[at + 1] & 0xFF : -1;
        int modRm = at + 2 < instruction.length ? instruction[at + 2] & 0xFF : -1;
        return switch (opcode) {
            case 0xCC -> "INT3";
            case 0xCD -> "INT n";
            case 0x9B -> "FWAIT";
            case 0xC4, 0xC5, 0x62 -> "AVX instructions";
            case 0x0F -> twoByte(next, modRm, repeat, wide);
            default -> null;
        };
    }

    private static @Nullable String twoByte(int opcode, int modRm, int repeat, boolean wide) {
        if (modRm < 0) {
            return null;
        }
        int register = modRm >> 3 & 7;
        boolean memory = modRm < 0xC0;
        return switch (opcode) {
            case 0x01 ->
                switch (modRm) {
                    case 0xCA -> "CLAC";
                    case 0xCB -> "STAC";
                    case 0xD0 -> "XGETBV";
                    case 0xD1 -> "XSETBV";
                    default -> null;
                };
            case 0xAE ->
                !memory ? null : register == 4 ? "XSAVE" : register == 5 ? "XRSTOR" : register == 6 ? "XSAVEOPT" : null;
            case 0xB8 -> repeat == 0xF3 ? "POPCNT" : null;
            case 0xC7 ->
                !memory
                        ? null
                        : register == 1 && wide
                                ? "CMPXCHG16B"
                                : register == 3
                                        ? "XRSTORS"
                                        : register == 4 ? "XSAVEC" : register == 5 ? "XSAVES" : null;
            default -> null;
        };
    }

    private static boolean isPrefix(int value) {
        return switch (value) {
            case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
            default -> value >= 0x40 && value <= 0x4F;
        };
    }
}
