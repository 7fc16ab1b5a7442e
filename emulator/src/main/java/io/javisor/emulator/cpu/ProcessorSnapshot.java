package io.javisor.emulator.cpu;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.cpu.RunState;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.system.SystemUnit;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A processor's registers and all of its state, read and put back while it executes nothing. */
final class ProcessorSnapshot {
    private static final byte X87_AND_SSE = 3;
    private static final int MXCSR_IN_XSAVE = VectorLayout.MXCSR_OFFSET - VectorLayout.XSAVE_OFFSET;

    private final CpuBlock cpu;
    private final SystemUnit unit;
    private final ProcessorLink link;

    ProcessorSnapshot(CpuBlock cpu, SystemUnit unit, ProcessorLink link) {
        this.cpu = cpu;
        this.unit = unit;
        this.link = link;
    }

    CpuRegisters registers() {
        return unit.snapshot().registers(link.apicBase());
    }

    void setRegisters(CpuRegisters registers) {
        link.setApicBase(registers.system().apicBase());
        unit.snapshot().setRegisters(registers);
        if (cpu.activity() == CpuBlock.SHUTDOWN) {
            cpu.setActivity(CpuBlock.RUNNING);
        }
    }

    RunState runState() {
        return unit.snapshot().runState();
    }

    CpuState save() {
        byte[] xsave = new byte[VectorLayout.XSAVE_SIZE];
        MemorySegment.copy(cpu.segment(), ValueLayout.JAVA_BYTE, VectorLayout.XSAVE_OFFSET, xsave, 0, xsave.length);
        // x87 and SSE are in use: nothing keeps account of it while the guest runs.
        xsave[VectorLayout.XSTATE_BV_OFFSET - VectorLayout.XSAVE_OFFSET] |= X87_AND_SSE;
        return unit.snapshot().save(link.apicBase(), Bytes.of(xsave), link.saveApic());
    }

    /**
     * Returns the MSRs that are not this processor's.
     *
     * @throws IllegalArgumentException if it is a state that this processor can't be in
     */
    List<MsrEntry> restore(CpuState state) {
        unit.snapshot().check(state);
        byte[] xsave = state.xsave().toArray();
        int mxcsr = ByteBuffer.wrap(xsave).order(ByteOrder.LITTLE_ENDIAN).getInt(MXCSR_IN_XSAVE);
        if ((mxcsr & ~VectorLayout.MXCSR_DEFINED) != 0) {
            throw new IllegalArgumentException("MXCSR has reserved bits: 0x" + Integer.toHexString(mxcsr));
        }
        link.restoreApic(state.localApic());
        link.setApicBase(state.registers().system().apicBase());
        int size = Math.min(xsave.length, VectorLayout.XSAVE_SIZE);
        MemorySegment.copy(xsave, 0, cpu.segment(), ValueLayout.JAVA_BYTE, VectorLayout.XSAVE_OFFSET, size);
        List<MsrEntry> refused = unit.snapshot().restore(state);
        link.attention().raise();
        return refused;
    }
}
