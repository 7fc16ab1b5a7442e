package io.javisor.emulator.step;

import static io.javisor.emulator.state.VectorLayout.FCW_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FSW_OFFSET;

import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.InstructionTable;
import io.javisor.emulator.decode.Trait;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;
import java.util.List;

/** Whether the guest's system lets x87, MMX, SSE and AVX be used (SDM volume 3, §2.5, §13.1; volume 1, §8.3, §14.3). */
final class UnitChecks {
    private static final byte NONE = 0;
    private static final byte X87 = 1;
    private static final byte WAIT = 2;
    private static final byte MMX = 3;
    private static final byte SSE = 4;
    private static final byte AVX = 5;
    private static final byte VEX = 6;

    private static final long XCR0_SSE_AVX = 6;
    private static final byte[] UNITS = units();

    private UnitChecks() {}

    private static byte[] units() {
        List<Form> forms = InstructionTable.forms();
        byte[] units = new byte[forms.size()];
        for (Form form : forms) {
            units[form.id()] = unit(form);
        }
        return units;
    }

    private static byte unit(Form form) {
        if (form.names().get(0).equals("fwait")) {
            return WAIT;
        }
        if (form.usesMmx()) {
            return MMX;
        }
        if (form.needs(Feature.X87)) {
            return X87;
        }
        if (form.opcode().vex()) {
            return form.needs(Feature.BMI1) || form.needs(Feature.BMI2) ? VEX : AVX;
        }
        boolean mxcsr = form.names().get(0).endsWith("mxcsr");
        return form.usesVectors() || mxcsr ? SSE : NONE;
    }

    /** Throws #UD, #NM or #MF if the instruction can't be used now. */
    static void check(Form form, CpuBlock cpu) {
        byte unit = UNITS[form.id()];
        if (unit == NONE) {
            return;
        }
        long cr0 = cpu.cr0();
        boolean undefined =
                switch (unit) {
                    case MMX -> (cr0 & Bits.CR0_EM) != 0;
                    case SSE -> (cr0 & Bits.CR0_EM) != 0 || (cpu.cr4() & Bits.CR4_OSFXSR) == 0;
                    case AVX ->
                        cpu.realAddressing()
                                || (cpu.cr4() & Bits.CR4_OSXSAVE) == 0
                                || (cpu.getLong(StateLayout.XCR0_OFFSET) & XCR0_SSE_AVX) != XCR0_SSE_AVX;
                    case VEX -> cpu.realAddressing();
                    default -> false;
                };
        if (undefined) {
            throw cpu.undefinedOpcode();
        }
        boolean unavailable =
                switch (unit) {
                    case X87 -> (cr0 & (Bits.CR0_EM | Bits.CR0_TS)) != 0;
                    case WAIT -> (cr0 & (Bits.CR0_MP | Bits.CR0_TS)) == (Bits.CR0_MP | Bits.CR0_TS);
                    case VEX -> false;
                    default -> (cr0 & Bits.CR0_TS) != 0;
                };
        if (unavailable) {
            throw cpu.fault(Vectors.NM, CpuFault.NO_CODE);
        }
        if (unit <= MMX && !form.has(Trait.NOWAIT)) {
            checkPending(cpu);
        }
    }

    /** Throws #MF if an x87 exception that is not masked is pending (SDM volume 1, §8.7). */
    private static void checkPending(CpuBlock cpu) {
        int status = cpu.getInt(FCW_OFFSET) >>> (8 * (FSW_OFFSET - FCW_OFFSET));
        if ((status & ~cpu.getInt(FCW_OFFSET) & 0x3f) != 0) {
            throw cpu.fault(Vectors.MF, CpuFault.NO_CODE);
        }
    }
}
