package io.javisor.emulator.step;

import static io.javisor.emulator.state.VectorLayout.FDP_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FIP_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FOP_OFFSET;

import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Trait;
import io.javisor.emulator.state.CpuBlock;

/**
 * Keeps x87's pointers to the last instruction and operand (SDM volume 1, §8.1.8) those of the guest: the host's own are addresses of
 * emitted code, and AMD's processors keep them only while an exception is pending. Selectors are 0, which CPUID may say.
 */
final class X87Pointers {
    private static final int ENVIRONMENT_32 = 28;

    private final CpuBlock cpu;
    private long fip;
    private long fdp;
    private int fop;

    X87Pointers(CpuBlock cpu) {
        this.cpu = cpu;
    }

    /** Before the host runs an x87 instruction. */
    void keep() {
        fip = cpu.getLong(FIP_OFFSET);
        fdp = cpu.getLong(FDP_OFFSET);
        fop = fop();
    }

    private int fop() {
        return cpu.getInt(FOP_OFFSET - 2) >>> 16;
    }

    /**
     * After it.
     *
     * @param linear of the memory operand, if there is one
     * @param hva where that operand is
     */
    void set(Instruction instruction, long linear, long hva) {
        Form form = instruction.form();
        if (!form.has(Trait.CONTROL)) {
            if (!form.usesMmx()) {
                fip = cpu.rip();
                fdp = instruction.memory() ? linear : fdp;
                fop = (instruction.opcodeByte() & 7) << 8 | instruction.modrmByte();
            }
        } else {
            switch (form.names().get(0)) {
                case "fnstenv" -> store(hva, instruction.sizeOf(form.operands().get(0)));
                case "fnsave" -> {
                    store(hva, instruction.operandSize() == 2 ? 14 : ENVIRONMENT_32);
                    clear();
                }
                case "fldenv" -> load(hva, instruction.sizeOf(form.operands().get(0)));
                case "frstor" -> load(hva, instruction.operandSize() == 2 ? 14 : ENVIRONMENT_32);
                case "fninit" -> clear();
                default -> {}
            }
        }
        cpu.putLong(FIP_OFFSET, fip);
        cpu.putLong(FDP_OFFSET, fdp);
        cpu.putInt(FOP_OFFSET - 2, (cpu.getInt(FOP_OFFSET - 2) & 0xffff) | fop << 16);
    }

    private void clear() {
        fip = 0;
        fdp = 0;
        fop = 0;
    }

    private void store(long hva, int size) {
        if (size == ENVIRONMENT_32) {
            HostBytes.put(hva + 12, 4, fip);
            HostBytes.put(hva + 16, 4, (long) fop << 16);
            HostBytes.put(hva + 20, 4, fdp);
            HostBytes.put(hva + 24, 2, 0);
        } else {
            HostBytes.put(hva + 6, 4, fip & 0xffff);
            HostBytes.put(hva + 10, 4, fdp & 0xffff);
        }
    }

    private void load(long hva, int size) {
        if (size == ENVIRONMENT_32) {
            fip = HostBytes.get(hva + 12, 4);
            fop = (int) HostBytes.get(hva + 18, 2) & 0x7ff;
            fdp = HostBytes.get(hva + 20, 4);
        } else {
            fip = HostBytes.get(hva + 6, 2);
            fop = 0;
            fdp = HostBytes.get(hva + 10, 2);
        }
    }
}
