package io.javisor.emulator.oracle;

import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.decode.OperandKind;
import io.javisor.emulator.state.Vectors;
import java.util.Set;

/** Where processors differ from each other, or a step need not do what the host does; each with its reason. */
final class HostExceptions {
    /** Whether an unmasked overflow or underflow was inexact, too, is told as if it were masked. */
    private static final int INEXACT = 0x20;

    private static final int UNDERFLOW = 0x10;

    private static final int EXCEPTION_SUMMARY = 0x80;

    private static final int RCX = 1;

    private static final int RSI = 6;

    private static final int RDI = 7;

    private static final long PAGE = -4096L;

    private static final Set<String> PARTIAL = Set.of("enter", "fbstp", "fstp", "vcvtps2ph");

    private HostExceptions() {}

    /** Which of a dot product's steps were carried out before the one that faults is told in its flags. */
    static boolean sameFlags(Form form, int difference) {
        boolean tiny = form.names().get(0).equals("vcvtps2ph") && (difference & ~(INEXACT | UNDERFLOW)) == 0;
        return (difference & ~INEXACT) == 0 || tiny || form.names().get(0).contains("dpp");
    }

    /** In what order microcode touches a large operand shows in CR2, within the page. */
    static boolean sameAddress(Form form, long host, long here) {
        if (isMasked(form) || isSave(form) || form.names().get(0).equals("cmps")) {
            return true; // which of the elements, or of two operands, is tried first
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
        boolean converted = form.names().get(0).equals("vcvtps2ph");
        boolean tiny = converted && host == Vectors.XM && here < 0;
        // Intel's processors convert before they touch the operand, AMD's after.
        boolean first = converted && host == Vectors.XM && here == Vectors.PF;
        return host == here || unaligned || masked || wider || misaligned || tiny || first;
    }

    /** Intel's processors leave memory alone when a store of the x87 raises an exception that is not masked; AMD's touch it before. */
    static boolean pendingFirst(Form form, int host, int here, int hostStatus) {
        return form.needs(Feature.X87) && host < 0 && here == Vectors.PF && (hostStatus & EXCEPTION_SUMMARY) != 0;
    }

    /**
     * With 32-bit addresses Intel's processors widen the registers of a string instruction with a prefix REP when it faults or has nothing
     * to do, too.
     */
    static boolean sameRegister(Instruction instruction, int number, long host, long here) {
        boolean string = isRepeated(instruction) && instruction.addressSize() == 4;
        boolean used = number == RCX || number == RSI || number == RDI;
        return host == here || (string && used && host == (here & 0xffff_ffffL));
    }

    /** A page fault amid a repeated comparison: Intel's processors put back the flags of before (SDM volume 2, REP), AMD's do not. */
    static boolean restoresFlags(Instruction instruction, int vector) {
        return vector == Vectors.PF && isRepeated(instruction);
    }

    private static boolean isRepeated(Instruction instruction) {
        return instruction.form().kind() == InstructionClass.STRING && instruction.repeat() != 0;
    }

    private static boolean isSave(Form form) {
        return form.names().get(0).contains("save");
    }

    private static boolean isByteMask(Form form) {
        String name = form.names().get(0);
        return name.endsWith("maskmovdqu") || name.equals("maskmovq");
    }

    private static boolean isMasked(Form form) {
        return form.names().get(0).contains("maskmov");
    }

    /** FXSAVE's MXCSR_MASK: AMD's processors have a bit for unaligned operands, which is not offered. */
    static boolean sameByte(Form form, long at) {
        return isSave(form) && (at & 15) == 14;
    }

    /**
     * What is done before a fault: ENTER's pushes are written on the host; a gather's mask is widened to whole elements by the manual and
     * left alone by AMD, which also makes MMX registers before MASKMOVQ touches memory, as Intel's processors do before any MMX store. Those
     * also write a part of an x87 operand of ten bytes before the page that faults, the flags of VCVTPS2PH before it faults, and a call's
     * return address before its target is found not to be canonical.
     */
    static boolean partial(Form form, int vector) {
        String name = form.names().get(0);
        if (vector == Vectors.GP) {
            return name.equals("call");
        }
        boolean gather = form.operands().size() > 1 && form.operands().get(1).kind() == OperandKind.VSIB;
        boolean mmx = form.needs(Feature.MMX) || name.equals("movntq");
        return vector == Vectors.PF && (gather || isByteMask(form) || mmx || PARTIAL.contains(name));
    }
}
