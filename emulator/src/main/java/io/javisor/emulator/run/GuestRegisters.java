package io.javisor.emulator.run;

import static io.javisor.emulator.state.StateLayout.GPR_OFFSET;

import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;

/** Emits moves from and to the guest's registers, of which some are in the host's and some in the vCPU's block. */
final class GuestRegisters {
    private final CodeWriter writer;
    private final Assembler assembler;

    GuestRegisters(CodeWriter writer, Assembler assembler) {
        this.writer = writer;
        this.assembler = assembler;
    }

    /** Moves a host register to a guest's, with its size. */
    void set(int guest, int size, int source) {
        int host = RunRegisters.host(guest);
        if (host != RunRegisters.IN_BLOCK) {
            if (size == 2) {
                writer.bytes1(0x66);
            }
            assembler.move(size == 8, host, source);
        } else if (size == 2) {
            writer.bytes1(0x66);
            assembler.store(false, CodeWriter.STATE, GPR_OFFSET + 8 * guest - CodeWriter.BIAS, source);
        } else {
            if (size == 4) {
                assembler.move(false, source, source);
            }
            writer.store(source, GPR_OFFSET + 8 * guest);
        }
    }

    /** The host register with a guest's, which may be {@code scratch}. */
    int get(int guest, int scratch) {
        int host = RunRegisters.host(guest);
        if (host == RunRegisters.IN_BLOCK) {
            writer.load(scratch, GPR_OFFSET + 8 * guest);
            return scratch;
        }
        return host;
    }
}
