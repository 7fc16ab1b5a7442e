package io.javisor.emulator.decode;

/** Registers' names, as the manuals write them, in lower case. */
public final class RegisterNames {
    private static final String[] LEGACY = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    private static final String[] LOW = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
    private static final String[] HIGH = {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};
    private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs", "?", "?"};

    private RegisterNames() {}

    /**
     * A general register.
     *
     * @param number 0 to 15
     * @param size 1, 2, 4 or 8 bytes
     * @param rex whether 4 to 7 with a size of 1 are SPL to DIL
     */
    public static String general(int number, int size, boolean rex) {
        if (size == 1) {
            return number < 8 ? (rex ? LOW : HIGH)[number] : "r" + number + "b";
        }
        if (number >= 8) {
            return "r" + number + (size == 2 ? "w" : size == 4 ? "d" : "");
        }
        return (size == 2 ? "" : size == 4 ? "e" : "r") + LEGACY[number];
    }

    /** A segment register, numbered as in instructions. */
    public static String segment(int number) {
        return SEGMENTS[number];
    }
}
