package io.javisor.emulator.decode;

/** The status flags of RFLAGS (SDM volume 1, §3.4.3.1) at their places in it, and the conditions on them. */
public final class Flags {
    public static final int CF = 1;
    public static final int PF = 1 << 2;
    public static final int AF = 1 << 4;
    public static final int ZF = 1 << 6;
    public static final int SF = 1 << 7;
    public static final int OF = 1 << 11;
    /** The six that arithmetic writes. */
    public static final int STATUS = CF | PF | AF | ZF | SF | OF;

    private static final String[] CONDITIONS = {
        "o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"
    };

    private Flags() {}

    /** How a mnemonic ends that has condition {@code code}, 0 to 15 (SDM volume 2, appendix B.1.4.7). */
    static String conditionName(int code) {
        return CONDITIONS[code];
    }

    /** The flags that condition {@code code} looks at. */
    static int conditionFlags(int code) {
        return switch (code >> 1) {
            case 0 -> OF;
            case 1 -> CF;
            case 2 -> ZF;
            case 3 -> CF | ZF;
            case 4 -> SF;
            case 5 -> PF;
            case 6 -> SF | OF;
            default -> SF | OF | ZF;
        };
    }

    /** Whether condition {@code code}, 0 to 15, holds. */
    public static boolean holds(int code, long flags) {
        boolean less = ((flags & SF) != 0) != ((flags & OF) != 0);
        boolean met =
                switch (code >> 1 & 7) {
                    case 0 -> (flags & OF) != 0;
                    case 1 -> (flags & CF) != 0;
                    case 2 -> (flags & ZF) != 0;
                    case 3 -> (flags & (CF | ZF)) != 0;
                    case 4 -> (flags & SF) != 0;
                    case 5 -> (flags & PF) != 0;
                    case 6 -> less;
                    default -> less || (flags & ZF) != 0;
                };
        return met != ((code & 1) != 0);
    }

    /** Reads letters of {@code oszapc}. */
    static int parse(String letters) {
        int mask = 0;
        for (int i = 0; i < letters.length(); i++) {
            mask |= switch (letters.charAt(i)) {
                case 'o' -> OF;
                case 's' -> SF;
                case 'z' -> ZF;
                case 'a' -> AF;
                case 'p' -> PF;
                case 'c' -> CF;
                default -> throw new IllegalStateException("no flag is written " + letters.charAt(i));
            };
        }
        return mask;
    }
}
