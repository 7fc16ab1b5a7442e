package io.javisor.machine.matrix;

import org.jspecify.annotations.Nullable;

/**
 * What loading a segment register comes to, by the pseudo-code of SDM vol. 2 (MOV, JMP, CALL, RET, IRET, LAR, LSL, VERR): {@code ok}, or the
 * exception with its error code. A descriptor of null is one beyond its table's limit.
 *
 * @param longMode IA-32e mode
 * @param code64 64-bit mode
 */
record SegmentModel(int cpl, boolean longMode, boolean code64) {
    static final String OK = "ok";
    private static final int TS = 10;
    private static final int NP = 11;
    private static final int SS = 12;
    private static final int GP = 13;

    static String gp(int selector) {
        return MatrixResult.fault(GP, selector & ~3);
    }

    static String np(int selector) {
        return MatrixResult.fault(NP, selector & ~3);
    }

    static String ss(int selector) {
        return MatrixResult.fault(SS, selector & ~3);
    }

    static String ts(int selector) {
        return MatrixResult.fault(TS, selector & ~3);
    }

    static boolean isNull(int selector) {
        return (selector & ~3) == 0;
    }

    /** MOV to DS, ES, FS and GS. */
    String data(int selector, @Nullable Long raw) {
        if (isNull(selector)) {
            return OK;
        }
        if (raw == null || !Descriptor.isReadable(raw)) {
            return gp(selector);
        }
        int level = Math.max(selector & 3, cpl);
        if (!Descriptor.isConforming(raw) && level > Descriptor.dpl(raw)) {
            return gp(selector);
        }
        return Descriptor.present(raw) ? OK : np(selector);
    }

    /** MOV to SS. */
    String stack(int selector, @Nullable Long raw) {
        if (isNull(selector)) {
            return code64 && cpl != 3 && (selector & 3) == cpl ? OK : gp(0);
        }
        if (raw == null || (selector & 3) != cpl || !Descriptor.isWritable(raw) || Descriptor.dpl(raw) != cpl) {
            return gp(selector);
        }
        return Descriptor.present(raw) ? OK : ss(selector);
    }

    /** JMP and CALL to a code segment. What they do with gates and tasks that they may use is another matter: null. */
    @Nullable
    String direct(int selector, @Nullable Long raw) {
        if (isNull(selector)) {
            return gp(0);
        }
        if (raw == null) {
            return gp(selector);
        }
        if (!Descriptor.isCode(raw)) {
            return throughSystem(selector, raw);
        }
        boolean allowed = Descriptor.isConforming(raw)
                ? Descriptor.dpl(raw) <= cpl
                : (selector & 3) <= cpl && Descriptor.dpl(raw) == cpl;
        if (!allowed || mixed(raw)) {
            return gp(selector);
        }
        return Descriptor.present(raw) ? OK : np(selector);
    }

    private @Nullable String throughSystem(int selector, long raw) {
        boolean usable =
                switch (Descriptor.type(raw)) {
                    case 1, 4, 5, 9 -> !longMode;
                    case 12 -> true;
                    default -> false;
                };
        if (!usable || Descriptor.dpl(raw) < Math.max(cpl, selector & 3)) {
            return gp(selector);
        }
        return Descriptor.present(raw) ? null : np(selector);
    }

    /** RET and IRET, as far as CS goes. */
    String back(int selector, @Nullable Long raw) {
        if (isNull(selector)) {
            return gp(0);
        }
        int rpl = selector & 3;
        if (raw == null
                || !Descriptor.isCode(raw)
                || rpl < cpl
                || (Descriptor.isConforming(raw) ? Descriptor.dpl(raw) > rpl : Descriptor.dpl(raw) != rpl)
                || mixed(raw)) {
            return gp(selector);
        }
        return Descriptor.present(raw) ? OK : np(selector);
    }

    // L and D both set.
    private boolean mixed(long raw) {
        return longMode && (Descriptor.flags(raw) & 6) == 6;
    }

    /** Whether LAR gives access rights. */
    boolean hasRights(int selector, @Nullable Long raw) {
        return sees(selector, raw, longMode ? 0x1A04 : 0x1A3E);
    }

    /** Whether LSL gives a limit. */
    boolean hasLimit(int selector, @Nullable Long raw) {
        return sees(selector, raw, longMode ? 0x0A04 : 0x0A0E);
    }

    private boolean sees(int selector, @Nullable Long raw, int systemTypes) {
        if (isNull(selector) || raw == null) {
            return false;
        }
        int type = Descriptor.type(raw);
        boolean known = type >= 0x10 || (systemTypes >>> type & 1) != 0;
        return known && (Descriptor.isConforming(raw) || Math.max(cpl, selector & 3) <= Descriptor.dpl(raw));
    }

    /** What VERR says. */
    boolean mayRead(int selector, @Nullable Long raw) {
        return raw != null && Descriptor.isReadable(raw) && sees(selector, raw, 0);
    }

    /** What VERW says. */
    boolean mayWrite(int selector, @Nullable Long raw) {
        return raw != null && Descriptor.isWritable(raw) && sees(selector, raw, 0);
    }
}
