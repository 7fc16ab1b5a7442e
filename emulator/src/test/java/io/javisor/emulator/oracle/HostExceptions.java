package io.javisor.emulator.oracle;

import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.decode.OperandKind;
import io.javisor.emulator.state.Vectors;

/** Where processors differ from each other, or a step need not do what the host does; each with its reason. */
final class HostExceptions {
    /** Whether an unmasked overflow or underflow was inexact, too, is told as if it were masked. */
    private static final int INEXACT = 0x20;

    private static final int UNDERFLOW = 0x10;

    private static final long PAGE = -4096L;

    private HostExceptions() {}

    /** Which of a dot product's steps were carried out before the one that faults is told in its flags. */
    static boolean sameFlags(Form form, int difference) {
        boolean tiny = form.names().get(0).equals("vcvtps2ph") && (difference & ~(INEXACT | UNDERFLOW)) == 0;
        return (difference & ~INEXACT) == 0 || tiny || form.names().get(0).contains("dpp");
    }

    /** In what order microcode touches a large operand shows in CR2, within the page. */
    static boolean sameAddress(Form form, long host, long here) {
        if (isByteMask(form) || isSave(form) || form.names().get(0).equals("cmps")) {
            return true; // which of the bytes, or of two operands, is tried first
        }
        boolean large = form.kind() == InstructionClass.STATE || form.needs(Feature.X87);
        return large ? (host & PAGE) == (here & PAGE) : host == here;
    }

    /** Whether a fault on the host and one here, or none, come to the same; below 0 is none. */
    static boolean sameFault(Form form, int host, int here) {
        // AMD's processors take unaligned operands of SHA instructions; the manual has #GP.
        boolean unaligned = form.needs(Feature.SHA) && here == Vectors.GP;
        // Whether bytes that are not written can fault is left to the processor (SDM volume 2, MASKMOVDQU).
        boolean masked = isByteMask(form) && host == Vectors.PF && here < 0;
        // AMD's processors read 4 bytes for MOVSXD with 66, Intel's 2; they have a bit of MXCSR that is not offered.
        boolean wider = form.names().get(0).equals("movsxd") && host == Vectors.PF && here < 0;
        boolean misaligned = form.names().get(0).endsWith("ldmxcsr") && host < 0 && here == Vectors.GP;
        // VCVTPS2PH does not flush to zero, by which an underflow is found that is exact and not masked.
        boolean tiny = form.names().get(0).equals("vcvtps2ph") && host == Vectors.XM && here < 0;
        return host == here || unaligned || masked || wider || misaligned || tiny;
    }

    private static boolean isSave(Form form) {
        return form.names().get(0).contains("save");
    }

    private static boolean isByteMask(Form form) {
        String name = form.names().get(0);
        return name.endsWith("maskmovdqu") || name.equals("maskmovq");
    }

    /** FXSAVE's MXCSR_MASK: AMD's processors have a bit for unaligned operands, which is not offered. */
    static boolean sameByte(Form form, long at) {
        return isSave(form) && (at & 15) == 14;
    }

    /**
     * What is done before a fault: ENTER's pushes are written on the host; a gather's mask is widened to whole elements by the manual and
     * left alone by AMD, which also makes MMX registers before MASKMOVQ touches memory.
     */
    static boolean partial(Form form, int vector) {
        boolean gather = form.operands().size() > 1 && form.operands().get(1).kind() == OperandKind.VSIB;
        return vector == Vectors.PF
                && (gather || isByteMask(form) || form.names().get(0).equals("enter"));
    }
}
