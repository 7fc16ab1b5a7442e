package io.javisor.core.engine;

import io.javisor.core.vcpu.VcpuExit;
import java.util.List;

/**
 * Where a debugger wants a vCPU to stop: {@link EngineVcpu#run} returns {@link VcpuExit#DEBUG} there. What the guest does with its own
 * breakpoints (INT3, the trap flag, debug registers that nobody else uses) is the guest's as ever and never such a stop.
 *
 * @param singleStep stop after one instruction; breakpoints are not looked at, and no interrupt is taken before it where the engine can hold
 *     interrupts up. A HLT is an instruction; a vCPU that waits stops when it has executed one
 * @param breakpoints stop before an instruction at one of these linear addresses (the code segment's base plus the instruction pointer),
 *     also before the first one of a run; ascending, each once
 */
public record DebugRequest(boolean singleStep, List<Long> breakpoints) {
    /** It stops nowhere. */
    public static final DebugRequest NONE = new DebugRequest(false, List.of());

    public DebugRequest {
        breakpoints = breakpoints.stream().sorted().distinct().toList();
    }
}
