package io.javisor.emulator.emit;

import static io.javisor.emulator.state.VectorLayout.FAULT_ADDRESS_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FAULT_CODE_OFFSET;
import static io.javisor.emulator.state.VectorLayout.FAULT_SIGNAL_OFFSET;
import static io.javisor.emulator.state.VectorLayout.HOST_STACK_OFFSET;

import io.javisor.emulator.state.CpuBlock;

/** The way out of emitted code for a thread that the host's processor faulted in. */
public final class FaultExit implements AutoCloseable {
    private final CpuBlock cpu;
    private final FaultNet.Guard guard;

    private FaultExit(CpuBlock cpu, FaultNet.Guard guard) {
        this.cpu = cpu;
        this.guard = guard;
    }

    /** Emits, for the way in, that rsp is kept: where it is again behind what {@link #write} emits. */
    public static void keepStack(CodeWriter writer) {
        writer.store(CodeWriter.RSP, HOST_STACK_OFFSET);
    }

    /** Emits how the way out begins. All registers but rsp are the faulting instruction's. */
    public static void write(CodeWriter writer) {
        writer.pop(FAULT_SIGNAL_OFFSET);
        writer.pop(FAULT_ADDRESS_OFFSET);
        writer.pop(FAULT_CODE_OFFSET);
        writer.load(CodeWriter.RSP, HOST_STACK_OFFSET);
        writer.code(0xdbe3, 2); // fninit
        writer.code(0xfc, 1); // cld
    }

    /**
     * From now on, faults of what runs from {@code start} to the end of {@code memory} leave by {@code exit}.
     *
     * @param start where code begins whose r15 points into the block of {@code cpu} everywhere
     */
    public static FaultExit guard(CpuBlock cpu, CodeMemory memory, int start, int exit) {
        return new FaultExit(
                cpu,
                FaultNet.guard(
                        memory.executableHva(start),
                        memory.executableHva(memory.sizeBytes()),
                        memory.executableHva(exit)));
    }

    /** What happened, after code has left by it. */
    public HostFault fault() {
        return HostFault.of((int) cpu.getLong(FAULT_SIGNAL_OFFSET), cpu.getLong(FAULT_ADDRESS_OFFSET), codeHva());
    }

    /** Where it happened. */
    public long codeHva() {
        return cpu.getLong(FAULT_CODE_OFFSET);
    }

    /** Does nothing the second time. */
    @Override
    public void close() {
        guard.close();
    }
}
