package io.javisor.machine;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.VcpuFailure;
import io.javisor.core.host.HostException;
import io.javisor.core.vcpu.VcpuExit;
import java.util.List;
import java.util.Map;

/** The readable block for a virtual CPU that the engine cannot run any further. */
final class CrashReport {
    private static final long CR0_PE = 1;
    private static final long CR0_PG = 1L << 31;
    private static final long RFLAGS_VM = 1 << 17;
    private static final int COUNTERS_A_LINE = 4;

    private final StringBuilder text = new StringBuilder();

    private CrashReport() {}

    /**
     * Describes a vCPU.
     *
     * @param engine the engine's name
     * @param vcpu must not run meanwhile
     * @param exit what its last run ended with
     */
    static String of(String engine, EngineVcpu vcpu, VcpuExit exit) {
        return new CrashReport().write(engine, vcpu, exit);
    }

    private String write(String engine, EngineVcpu vcpu, VcpuExit exit) {
        try {
            VcpuFailure failure = vcpu.failure(exit);
            line("vCPU %d cannot go on: %s".formatted(vcpu.index(), failure.reason()));
            CpuRegisters registers = vcpu.registers();
            line("  engine       %s".formatted(engine));
            line("  mode         %s".formatted(mode(registers)));
            line("  instruction  %s at rip %016x"
                    .formatted(
                            failure.instruction().length() == 0 ? "(not readable)" : failure.instruction(),
                            registers.general().rip()));
            generalRegisters(registers.general());
            systemRegisters(registers.system());
            counters(vcpu.counters());
            if (failure.hint() != null) {
                line("  hint         %s".formatted(failure.hint()));
            }
        } catch (HostException e) {
            if (text.isEmpty()) {
                line("vCPU %d cannot go on: %s".formatted(vcpu.index(), exit));
            }
            line("  registers    not readable: %s".formatted(e));
        }
        return text.toString();
    }

    /** Those that are not zero. */
    private void counters(Map<String, Long> counters) {
        List<String> counted = counters.entrySet().stream()
                .filter(counter -> counter.getValue() != 0)
                .map(counter -> counter.getKey() + " " + counter.getValue())
                .toList();
        for (int i = 0; i < counted.size(); i += COUNTERS_A_LINE) {
            List<String> some = counted.subList(i, Math.min(i + COUNTERS_A_LINE, counted.size()));
            line("  %-11s  %s".formatted(i == 0 ? "counted" : "", String.join(", ", some)));
        }
    }

    private static String mode(CpuRegisters registers) {
        SystemRegisters system = registers.system();
        String width;
        if ((system.cr0() & CR0_PE) == 0) {
            width = "real mode";
        } else if ((registers.general().rflags() & RFLAGS_VM) != 0) {
            width = "virtual-8086 mode";
        } else if (system.cs().longMode()) {
            width = "64-bit";
        } else {
            width = system.cs().defaultBig() ? "32-bit" : "16-bit protected mode";
        }
        return width + ", CPL " + system.ss().dpl() + ((system.cr0() & CR0_PG) != 0 ? ", paging on" : ", paging off");
    }

    private void generalRegisters(GeneralRegisters r) {
        row("rax", r.rax(), "rbx", r.rbx(), "rcx", r.rcx(), "rdx", r.rdx());
        row("rsi", r.rsi(), "rdi", r.rdi(), "rsp", r.rsp(), "rbp", r.rbp());
        row("r8 ", r.r8(), "r9 ", r.r9(), "r10", r.r10(), "r11", r.r11());
        row("r12", r.r12(), "r13", r.r13(), "r14", r.r14(), "r15", r.r15());
        line("  rip %016x  rflags %08x".formatted(r.rip(), r.rflags()));
    }

    private void row(String a, long aValue, String b, long bValue, String c, long cValue, String d, long dValue) {
        line("  %s %016x  %s %016x  %s %016x  %s %016x".formatted(a, aValue, b, bValue, c, cValue, d, dValue));
    }

    private void systemRegisters(SystemRegisters system) {
        line("  cr0 %08x  cr2 %016x  cr3 %016x  cr4 %08x  cr8 %x  efer %x"
                .formatted(system.cr0(), system.cr2(), system.cr3(), system.cr4(), system.cr8(), system.efer()));
        segment("cs", system.cs());
        segment("ds", system.ds());
        segment("es", system.es());
        segment("fs", system.fs());
        segment("gs", system.gs());
        segment("ss", system.ss());
        segment("tr", system.tr());
        segment("ldt", system.ldt());
        line("  gdt base %016x limit %04x  idt base %016x limit %04x"
                .formatted(
                        system.gdt().base(),
                        system.gdt().limit(),
                        system.idt().base(),
                        system.idt().limit()));
    }

    private void segment(String name, SegmentState segment) {
        line("  %-3s %04x  base %016x  limit %08x  type %x  dpl %d%s"
                .formatted(
                        name,
                        segment.selector(),
                        segment.base(),
                        segment.limit(),
                        segment.type(),
                        segment.dpl(),
                        segment.present() ? "" : "  not present"));
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
