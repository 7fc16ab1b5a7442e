package io.javisor.machine;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.kvm.KvmVcpu;
import io.javisor.core.kvm.abi.KvmConstants;
import io.javisor.core.kvm.abi.KvmDtableLayout;
import io.javisor.core.kvm.abi.KvmExit;
import io.javisor.core.kvm.abi.KvmRegsLayout;
import io.javisor.core.kvm.abi.KvmRunLayout;
import io.javisor.core.kvm.abi.KvmSegmentLayout;
import io.javisor.core.kvm.abi.KvmSregsLayout;
import io.javisor.core.kvm.abi.KvmTranslationLayout;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.GuestMemoryException;
import io.javisor.core.vcpu.VcpuExit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.StringJoiner;

/** The readable block for a virtual CPU that KVM cannot run any further. */
final class CrashReport {
    private static final int INSTRUCTION_BYTES = 15;
    private static final String[] REGISTER_NAMES = {
        "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rsp", "rbp", "r8 ", "r9 ", "r10", "r11", "r12", "r13", "r14", "r15"
    };
    private static final String[] SEGMENT_NAMES = {"cs", "ds", "es", "fs", "gs", "ss", "tr", "ldt"};

    private final StringBuilder text = new StringBuilder();
    private final KvmVcpu vcpu;
    private final GuestMemory memory;

    private CrashReport(KvmVcpu vcpu, GuestMemory memory) {
        this.vcpu = vcpu;
        this.memory = memory;
    }

    /**
     * Describes the vCPU, which must not run meanwhile.
     *
     * @param errno of KVM_RUN for {@link VcpuExit#RUN_FAILED}
     * @param softwareVirtualised whether this host's KVM has no hardware under it, which limits what it can run
     */
    static String of(KvmVcpu vcpu, GuestMemory memory, VcpuExit exit, int errno, boolean softwareVirtualised) {
        return new CrashReport(vcpu, memory).write(exit, errno, softwareVirtualised);
    }

    private String write(VcpuExit exit, int errno, boolean softwareVirtualised) {
        line("vCPU %d cannot go on: %s".formatted(vcpu.id(), reason(exit, errno)));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment regs = arena.allocate(KvmRegsLayout.SIZE, 8);
            vcpu.state().getRegs(regs);
            MemorySegment sregs = arena.allocate(KvmSregsLayout.SIZE, 8);
            vcpu.state().getSregs(sregs);
            byte[] instruction = instruction(arena, regs, sregs);
            line("  mode         %s".formatted(mode(regs, sregs)));
            line("  instruction  %s at rip %016x"
                    .formatted(instruction.length == 0 ? "(not readable)" : hex(instruction), KvmRegsLayout.rip(regs)));
            registers(regs);
            controlRegisters(sregs);
            segments(sregs);
            String hint = UnsupportedInstructions.hint(instruction, softwareVirtualised);
            if (hint != null) {
                line("  hint         %s".formatted(hint));
            }
        } catch (HostException e) {
            line("  registers    not readable: %s".formatted(e));
        }
        return text.toString();
    }

    private String reason(VcpuExit exit, int errno) {
        MemorySegment run = vcpu.runPage();
        return switch (exit) {
            case RUN_FAILED -> "KVM_RUN failed with " + Errno.describe(errno);
            case INTERNAL_ERROR -> {
                int suberror = KvmRunLayout.internalSuberror(run);
                yield "KVM_EXIT_INTERNAL_ERROR, suberror " + suberror
                        + switch (suberror) {
                            case KvmConstants.KVM_INTERNAL_ERROR_EMULATION ->
                                " (an instruction that KVM cannot emulate)";
                            case 2 -> " (simultaneous exceptions)";
                            case 3 -> " (an exit while an event was delivered)";
                            case 4 -> " (an unexpected exit of the processor)";
                            default -> "";
                        };
            }
            case FAIL_ENTRY ->
                "KVM_EXIT_FAIL_ENTRY, hardware reason 0x%x"
                        .formatted(KvmRunLayout.failEntryHardwareEntryFailureReason(run));
            default -> KvmExit.name(KvmRunLayout.exitReason(run));
        };
    }

    /** From KVM where it tells, else from memory at RIP; empty if neither can. */
    private byte[] instruction(Arena arena, MemorySegment regs, MemorySegment sregs) {
        MemorySegment run = vcpu.runPage();
        if (KvmRunLayout.exitReason(run) == KvmExit.KVM_EXIT_INTERNAL_ERROR
                && KvmRunLayout.internalSuberror(run) == KvmConstants.KVM_INTERNAL_ERROR_EMULATION
                && KvmRunLayout.internalNdata(run) > 0
                && (KvmRunLayout.emulationFailureFlags(run)
                                & KvmConstants.KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES)
                        != 0) {
            byte[] bytes = new byte[Math.min(INSTRUCTION_BYTES, KvmRunLayout.emulationFailureInsnSize(run))];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) KvmRunLayout.emulationFailureInsnBytes(run, i);
            }
            return bytes;
        }
        MemorySegment translation = arena.allocate(KvmTranslationLayout.SIZE, 8);
        long linear = KvmSegmentLayout.base(sregs, KvmSregsLayout.CS_OFFSET) + KvmRegsLayout.rip(regs);
        KvmTranslationLayout.setLinearAddress(translation, linear);
        vcpu.translate(translation);
        if (KvmTranslationLayout.valid(translation) == 0) {
            return new byte[0];
        }
        // One page at the most: the next one may be mapped elsewhere.
        byte[] bytes = new byte[(int) Math.min(INSTRUCTION_BYTES, 4096 - (linear & 4095))];
        try {
            memory.copyOut(KvmTranslationLayout.physicalAddress(translation), bytes, 0, bytes.length);
        } catch (GuestMemoryException e) {
            return new byte[0];
        }
        return bytes;
    }

    private static String mode(MemorySegment regs, MemorySegment sregs) {
        long cr0 = KvmSregsLayout.cr0(sregs);
        String width;
        if ((cr0 & 1) == 0) {
            width = "real mode";
        } else if ((KvmRegsLayout.rflags(regs) & 1 << 17) != 0) {
            width = "virtual-8086 mode";
        } else if (KvmSegmentLayout.l(sregs, KvmSregsLayout.CS_OFFSET) != 0) {
            width = "64-bit";
        } else {
            width = KvmSegmentLayout.db(sregs, KvmSregsLayout.CS_OFFSET) != 0 ? "32-bit" : "16-bit protected mode";
        }
        return width + ", CPL " + KvmSegmentLayout.dpl(sregs, KvmSregsLayout.SS_OFFSET)
                + (cr0 < 0 || (cr0 & 1L << 31) != 0 ? ", paging on" : ", paging off");
    }

    private void registers(MemorySegment regs) {
        for (int row = 0; row < REGISTER_NAMES.length; row += 4) {
            StringJoiner columns = new StringJoiner("  ");
            for (int i = row; i < row + 4; i++) {
                // struct kvm_regs has them in this order, eight bytes each.
                long value = regs.get(ValueLayout.JAVA_LONG, 8L * i);
                columns.add("%s %016x".formatted(REGISTER_NAMES[i], value));
            }
            line("  %s".formatted(columns));
        }
        line("  rip %016x  rflags %08x".formatted(KvmRegsLayout.rip(regs), KvmRegsLayout.rflags(regs)));
    }

    private void controlRegisters(MemorySegment sregs) {
        line("  cr0 %08x  cr2 %016x  cr3 %016x  cr4 %08x  cr8 %x  efer %x"
                .formatted(
                        KvmSregsLayout.cr0(sregs),
                        KvmSregsLayout.cr2(sregs),
                        KvmSregsLayout.cr3(sregs),
                        KvmSregsLayout.cr4(sregs),
                        KvmSregsLayout.cr8(sregs),
                        KvmSregsLayout.efer(sregs)));
    }

    private void segments(MemorySegment sregs) {
        for (int i = 0; i < SEGMENT_NAMES.length; i++) {
            long at = KvmSregsLayout.CS_OFFSET + (long) i * KvmSegmentLayout.SIZE;
            line("  %-3s %04x  base %016x  limit %08x  type %x  dpl %d%s"
                    .formatted(
                            SEGMENT_NAMES[i],
                            KvmSegmentLayout.selector(sregs, at),
                            KvmSegmentLayout.base(sregs, at),
                            KvmSegmentLayout.limit(sregs, at),
                            KvmSegmentLayout.type(sregs, at),
                            KvmSegmentLayout.dpl(sregs, at),
                            KvmSegmentLayout.present(sregs, at) != 0 ? "" : "  not present"));
        }
        line("  gdt base %016x limit %04x  idt base %016x limit %04x"
                .formatted(
                        KvmDtableLayout.base(sregs, KvmSregsLayout.GDT_OFFSET),
                        KvmDtableLayout.limit(sregs, KvmSregsLayout.GDT_OFFSET),
                        KvmDtableLayout.base(sregs, KvmSregsLayout.IDT_OFFSET),
                        KvmDtableLayout.limit(sregs, KvmSregsLayout.IDT_OFFSET)));
    }

    private static String hex(byte[] bytes) {
        StringJoiner joiner = new StringJoiner(" ");
        for (byte b : bytes) {
            joiner.add("%02x".formatted(b & 0xFF));
        }
        return joiner.toString();
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
