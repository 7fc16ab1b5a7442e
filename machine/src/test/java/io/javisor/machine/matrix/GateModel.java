package io.javisor.machine.matrix;

/**
 * What the delivery of an event comes to, by the pseudo-code of SDM vol. 2A, INT n: {@code ok} with CS, or the exception. Of a descriptor
 * that is not in its table, the type is -1.
 *
 * @param source what the event is
 * @param type of the gate, with S
 */
record GateModel(
        boolean longMode,
        Source source,
        int cpl,
        int type,
        int present,
        int dpl,
        int selector,
        int targetType,
        int targetPresent,
        int targetDpl,
        int targetFlags) {
    /** Where events come from, with their vectors. */
    enum Source {
        INT_90(0x90),
        BREAKPOINT(3),
        UNDEFINED(6),
        DIVIDE(0);

        final int vector;

        Source(int vector) {
            this.vector = vector;
        }

        /** An instruction asks for it. */
        boolean isSoftware() {
            return this == INT_90 || this == BREAKPOINT;
        }
    }

    private static final int NP = 11;
    private static final int GP = 13;

    String outcome() {
        int gate = source.vector << 3 | 2;
        boolean known = type == 14 || type == 15 || (!longMode && (type == 6 || type == 7));
        if (!known || (source.isSoftware() && dpl < cpl)) {
            return fault(GP, gate);
        }
        if (present == 0) {
            return fault(NP, gate);
        }
        if (SegmentModel.isNull(selector)) {
            return fault(GP, 0);
        }
        if (targetType < 0 || (targetType & 0x18) != 0x18 || targetDpl > cpl || (longMode && (targetFlags & 6) != 2)) {
            return fault(GP, selector & ~3);
        }
        if (targetPresent == 0) {
            return fault(NP, selector & ~3);
        }
        return "ok " + Integer.toHexString((selector & ~3) | level());
    }

    /** Of the handler. */
    int level() {
        return (targetType & 0x1C) == 0x1C ? cpl : targetDpl;
    }

    // EXT is set if no instruction asked for the event; a second contributory exception is a double fault (table 6-5).
    private String fault(int vector, int error) {
        return source == Source.DIVIDE
                ? MatrixResult.fault(8, 0)
                : MatrixResult.fault(vector, error | (source.isSoftware() ? 0 : 1));
    }
}
