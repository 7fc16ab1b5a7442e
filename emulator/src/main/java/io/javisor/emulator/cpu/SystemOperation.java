package io.javisor.emulator.cpu;

import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.decode.InstructionTable;
import io.javisor.emulator.decode.OperandKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a form of the class system does. */
enum SystemOperation {
    ARPL,
    LOAD_SEGMENT,
    LOAD_FAR_POINTER,
    POP_SEGMENT,
    POPF,
    INS,
    OUTS,
    IN,
    OUT,
    CALL_FAR,
    JUMP_FAR,
    RETURN_FAR,
    INT3,
    INT,
    INTO,
    INT1,
    IRET,
    SLDT,
    STR,
    LLDT,
    LTR,
    VERR,
    VERW,
    SGDT,
    SIDT,
    LGDT,
    LIDT,
    SMSW,
    LMSW,
    INVLPG,
    SWAPGS,
    RDTSCP,
    CLAC,
    STAC,
    XGETBV,
    XSETBV,
    HYPERCALL,
    LAR,
    LSL,
    SYSCALL,
    CLTS,
    SYSRET,
    CACHES,
    FROM_CONTROL,
    FROM_DEBUG,
    TO_CONTROL,
    TO_DEBUG,
    WRMSR,
    RDTSC,
    RDMSR,
    RDPMC,
    SYSENTER,
    SYSEXIT,
    CPUID,
    RSM,
    INVPCID,
    HLT,
    CLI,
    STI;

    private static final @Nullable SystemOperation[] BY_FORM = byForm();

    /** Of a form of the class system. */
    static SystemOperation of(Form form) {
        SystemOperation operation = BY_FORM[form.id()];
        if (operation == null) {
            throw new IllegalStateException("no system instruction: " + form);
        }
        return operation;
    }

    private static @Nullable SystemOperation[] byForm() {
        List<Form> forms = InstructionTable.forms();
        @Nullable SystemOperation[] operations = new @Nullable SystemOperation[forms.size()];
        for (Form form : forms) {
            if (form.kind() == InstructionClass.SYSTEM) {
                operations[form.id()] = find(form);
            }
        }
        return operations;
    }

    private static SystemOperation find(Form form) {
        return switch (form.name(8)) {
            case "mov" -> move(form);
            case "lds", "les", "lss", "lfs", "lgs" -> LOAD_FAR_POINTER;
            case "pop" -> POP_SEGMENT;
            case "call" -> CALL_FAR;
            case "jmp" -> JUMP_FAR;
            case "retf" -> RETURN_FAR;
            case "iretq" -> IRET;
            case "sysretq" -> SYSRET;
            case "sysexitq" -> SYSEXIT;
            case "vmcall", "vmmcall" -> HYPERCALL;
            case "invd", "wbinvd" -> CACHES;
            default -> {
                for (SystemOperation operation : values()) {
                    if (operation.name().equalsIgnoreCase(form.name(8))) {
                        yield operation;
                    }
                }
                throw new IllegalStateException("nobody carries out " + form);
            }
        };
    }

    private static SystemOperation move(Form form) {
        OperandKind target = form.operands().get(0).kind();
        OperandKind source = form.operands().get(1).kind();
        return switch (target) {
            case S -> LOAD_SEGMENT;
            case C -> TO_CONTROL;
            case D -> TO_DEBUG;
            default -> source == OperandKind.C ? FROM_CONTROL : FROM_DEBUG;
        };
    }
}
