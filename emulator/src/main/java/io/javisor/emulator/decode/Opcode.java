package io.javisor.emulator.decode;

/**
 * An opcode as it is made.
 *
 * @param space 0 to 3: one byte, 0F, 0F 38, 0F 3A; 5 to 7: the same three maps by VEX
 * @param prefix the mandatory prefix: {@link #ANY} (none is needed, none forbidden), {@link #NONE}, {@link #P66}, {@link #PF3}, {@link #PF2}
 * @param extension what ModRM.reg must be, or −1
 * @param rm what ModRM.rm must be, or −1
 * @param w what REX.W or VEX.W must be, or −1
 * @param l what VEX.L must be, or −1
 */
public record Opcode(int space, int code, int prefix, int extension, int rm, int w, int l) {
    public static final int ANY = -1;
    public static final int NONE = 0;
    public static final int P66 = 1;
    public static final int PF3 = 2;
    public static final int PF2 = 3;
    /** {@link #space} of a VEX map is this and the map's number. */
    public static final int VEX = 4;

    static final int SPACES = 8;

    public boolean vex() {
        return space >= VEX;
    }
}
