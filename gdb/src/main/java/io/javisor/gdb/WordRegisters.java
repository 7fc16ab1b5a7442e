package io.javisor.gdb;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** The registers that {@link CpuRegisters} have, in GDB's order and by GDB's names. */
final class WordRegisters {
    private static final List<String> GENERAL_NAMES = List.of(
            "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
            "r15", "rip", "eflags");

    private WordRegisters() {}

    /** The general registers, the instruction pointer and the flags. */
    static List<Register> general() {
        List<Register> list = new ArrayList<>();
        for (int i = 0; i < GENERAL_NAMES.size(); i++) {
            int index = i;
            String name = GENERAL_NAMES.get(i);
            String type =
                    switch (name) {
                        case "rbp", "rsp" -> "data_ptr";
                        case "rip" -> "code_ptr";
                        case "eflags" -> "i386_eflags";
                        default -> "int64";
                    };
            list.add(new Register.Word(
                    name,
                    name.equals("eflags") ? 4 : 8,
                    type,
                    registers -> fields(registers.general())[index],
                    (registers, value) -> {
                        long[] fields = fields(registers.general());
                        fields[index] = value;
                        return new CpuRegisters(general(fields), registers.system());
                    }));
        }
        return list;
    }

    /** What the segment registers hold that a program sees. */
    static List<Register> selectors() {
        return List.of(
                selector("cs", SystemRegisters::cs),
                selector("ss", SystemRegisters::ss),
                selector("ds", SystemRegisters::ds),
                selector("es", SystemRegisters::es),
                selector("fs", SystemRegisters::fs),
                selector("gs", SystemRegisters::gs));
    }

    /** The bases that 64-bit code has. */
    static List<Register> bases() {
        return List.of(
                word("fs_base", system -> system.fs().base(), (edit, value) -> edit.fs = based(edit.fs, value)),
                word("gs_base", system -> system.gs().base(), (edit, value) -> edit.gs = based(edit.gs, value)));
    }

    /** What GDB knows nothing of. */
    static List<Register> system() {
        return List.of(
                word("cr0", SystemRegisters::cr0, (edit, value) -> edit.cr0 = value),
                word("cr2", SystemRegisters::cr2, (edit, value) -> edit.cr2 = value),
                word("cr3", SystemRegisters::cr3, (edit, value) -> edit.cr3 = value),
                word("cr4", SystemRegisters::cr4, (edit, value) -> edit.cr4 = value),
                word("cr8", SystemRegisters::cr8, (edit, value) -> edit.cr8 = value),
                word("efer", SystemRegisters::efer, (edit, value) -> edit.efer = value),
                shown("cs_base", system -> system.cs().base()),
                shown("ss_base", system -> system.ss().base()),
                shown("ds_base", system -> system.ds().base()),
                shown("es_base", system -> system.es().base()),
                shown("gdt_base", system -> system.gdt().base()),
                shown("idt_base", system -> system.idt().base()),
                shown("tr_base", system -> system.tr().base()));
    }

    private static Register selector(String name, Function<SystemRegisters, SegmentState> segment) {
        return new Register.Word(
                name, 4, "int32", registers -> segment.apply(registers.system()).selector(), null);
    }

    private static Register shown(String name, ToLongFunction<SystemRegisters> get) {
        return new Register.Word(name, 8, "int64", registers -> get.applyAsLong(registers.system()), null);
    }

    private static Register word(String name, ToLongFunction<SystemRegisters> get, Change change) {
        return new Register.Word(
                name, 8, "int64", registers -> get.applyAsLong(registers.system()), (registers, value) -> {
                    Edit edit = new Edit(registers.system());
                    change.make(edit, value);
                    return new CpuRegisters(registers.general(), edit.made());
                });
    }

    @FunctionalInterface
    private interface Change {
        void make(Edit edit, long value);
    }

    /** System registers of which some change. */
    private static final class Edit {
        private final SystemRegisters from;
        private SegmentState fs;
        private SegmentState gs;
        private long cr0;
        private long cr2;
        private long cr3;
        private long cr4;
        private long cr8;
        private long efer;

        Edit(SystemRegisters from) {
            this.from = from;
            fs = from.fs();
            gs = from.gs();
            cr0 = from.cr0();
            cr2 = from.cr2();
            cr3 = from.cr3();
            cr4 = from.cr4();
            cr8 = from.cr8();
            efer = from.efer();
        }

        SystemRegisters made() {
            return new SystemRegisters(
                    from.cs(),
                    from.ds(),
                    from.es(),
                    fs,
                    gs,
                    from.ss(),
                    from.tr(),
                    from.ldt(),
                    from.gdt(),
                    from.idt(),
                    cr0,
                    cr2,
                    cr3,
                    cr4,
                    cr8,
                    efer,
                    from.apicBase());
        }
    }

    private static SegmentState based(SegmentState segment, long base) {
        return new SegmentState(
                base,
                segment.limit(),
                segment.selector(),
                segment.type(),
                segment.codeOrData(),
                segment.dpl(),
                segment.present(),
                segment.available(),
                segment.longMode(),
                segment.defaultBig(),
                segment.granular(),
                segment.unusable());
    }

    private static long[] fields(GeneralRegisters g) {
        return new long[] {
            g.rax(),
            g.rbx(),
            g.rcx(),
            g.rdx(),
            g.rsi(),
            g.rdi(),
            g.rbp(),
            g.rsp(),
            g.r8(),
            g.r9(),
            g.r10(),
            g.r11(),
            g.r12(),
            g.r13(),
            g.r14(),
            g.r15(),
            g.rip(),
            g.rflags()
        };
    }

    private static GeneralRegisters general(long[] f) {
        return new GeneralRegisters(
                f[0], f[1], f[2], f[3], f[4], f[5], f[7], f[6], f[8], f[9], f[10], f[11], f[12], f[13], f[14], f[15],
                f[16], f[17]);
    }
}
