package io.javisor.firmware.elf;

import static io.javisor.firmware.elf.ElfLayout.*;

import io.javisor.core.memory.GpaRange;
import io.javisor.images.FileKind;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Reads one ELF file, front to back; every number is checked before it is used. */
final class ElfReader {
    private final ImageFile file;
    private final List<ElfSegment> segments = new ArrayList<>();
    private long noteBytes;
    private boolean linux;
    private boolean abiTag;
    private OptionalLong pvhEntry = OptionalLong.empty();
    private ElfLayout layout = ElfLayout.ELF64;

    ElfReader(ImageFile file) {
        this.file = file;
    }

    ElfImage read() {
        checkHeader();
        long entry = address(layout.entryOffset);
        readProgramHeaders();
        if (segments.isEmpty()) {
            throw file.problem("the ELF image has no loadable segment");
        }
        segments.sort((a, b) -> Long.compare(a.memory().startGpa(), b.memory().startGpa()));
        checkDisjoint();
        checkIsKernel();
        return new ElfImage(file, layout == ELF64, entry, segments, linux, pvhEntry);
    }

    private void checkHeader() {
        if (FileKind.of(file) != FileKind.ELF) {
            throw file.problem(
                    "not an ELF image: it looks like " + FileKind.of(file).description());
        }
        requireHeader(E_VERSION_OFFSET + 4);
        int elfClass = file.u8(EI_CLASS_OFFSET);
        layout = switch (elfClass) {
            case ELFCLASS32 -> ELF32;
            case ELFCLASS64 -> ELF64;
            default -> throw file.problem("unknown ELF class " + elfClass);
        };
        int data = file.u8(EI_DATA_OFFSET);
        if (data != ELFDATA2LSB) {
            throw file.problem(
                    data == ELFDATA2MSB
                            ? "a big-endian ELF image; x86 is little-endian"
                            : "unknown ELF byte order " + data);
        }
        requireHeader(layout.headerSize);
        if (file.u8(EI_VERSION_OFFSET) != EV_CURRENT || file.u32(E_VERSION_OFFSET) != EV_CURRENT) {
            throw file.problem("unknown ELF version " + file.u32(E_VERSION_OFFSET));
        }
        int machine = file.u16(E_MACHINE_OFFSET);
        if (machine != (layout == ELF64 ? EM_X86_64 : EM_386)) {
            throw file.problem(
                    "an ELF image for %s; it takes one for x86-64, or for i386 with a PVH note or a Multiboot header"
                            .formatted(machineName(machine)));
        }
        int type = file.u16(E_TYPE_OFFSET);
        if (type != ET_EXEC && type != ET_DYN) {
            throw file.problem("the ELF image is %s, not an executable".formatted(typeName(type)));
        }
    }

    private void requireHeader(int sizeBytes) {
        if (!file.contains(0, sizeBytes)) {
            throw file.problem("truncated: an ELF header takes %d bytes, the file has %d"
                    .formatted(layout.headerSize, file.sizeBytes()));
        }
    }

    private void readProgramHeaders() {
        long tableOffset = address(layout.phoffOffset);
        int entrySize = file.u16(layout.phentsizeOffset);
        int count = file.u16(layout.phnumOffset);
        if (count == 0) {
            throw file.problem("the ELF image has no program headers");
        }
        if (count == PN_XNUM) {
            throw file.problem("the ELF image has too many program headers");
        }
        if (entrySize != layout.programHeaderSize) {
            throw file.problem(
                    "ELF program headers of %d bytes; they have %d".formatted(entrySize, layout.programHeaderSize));
        }
        if (!file.contains(tableOffset, (long) count * entrySize)) {
            throw file.problem("truncated: %d program headers at 0x%x go beyond the file's %d bytes"
                    .formatted(count, tableOffset, file.sizeBytes()));
        }
        for (int i = 0; i < count; i++) {
            long headerOffset = tableOffset + (long) i * entrySize;
            switch ((int) file.u32(headerOffset + P_TYPE_OFFSET)) {
                case PT_LOAD -> readSegment(i, headerOffset);
                case PT_NOTE -> readNotes(i, headerOffset);
                case PT_INTERP ->
                    throw file.problem("not a kernel: an ELF program that wants a dynamic linker (PT_INTERP)");
                default -> {}
            }
        }
    }

    private void readSegment(int index, long headerOffset) {
        long fileOffset = address(headerOffset + layout.fileOffsetOffset);
        long paddr = address(headerOffset + layout.paddrOffset);
        long filesz = address(headerOffset + layout.fileszOffset);
        long memsz = address(headerOffset + layout.memszOffset);
        if (Long.compareUnsigned(filesz, memsz) > 0) {
            throw file.problem(
                    "segment %d has 0x%x bytes in the file but only 0x%x in memory".formatted(index, filesz, memsz));
        }
        if (memsz == 0) {
            return;
        }
        checkInFile("segment", index, fileOffset, filesz);
        if (paddr < 0 || memsz < 0 || memsz > Long.MAX_VALUE - paddr) {
            throw file.problem(
                    "segment %d: 0x%x bytes at 0x%x overflow the address space".formatted(index, memsz, paddr));
        }
        long vaddr = address(headerOffset + layout.vaddrOffset);
        segments.add(new ElfSegment(index, new GpaRange(paddr, memsz), vaddr, fileOffset, filesz));
    }

    private void readNotes(int index, long headerOffset) {
        long fileOffset = address(headerOffset + layout.fileOffsetOffset);
        long filesz = address(headerOffset + layout.fileszOffset);
        checkInFile("note segment", index, fileOffset, filesz);
        // Segments may share bytes; that as many as there are read the same ones would take hours.
        noteBytes += filesz;
        if (noteBytes > file.sizeBytes()) {
            throw file.problem("malformed: up to note segment %d there are 0x%x bytes of notes in a file of 0x%x"
                    .formatted(index, noteBytes, file.sizeBytes()));
        }
        boolean mayHaveWide = address(headerOffset + layout.alignOffset) == 8;
        new ElfNoteReader(file, fileOffset, filesz, mayHaveWide).forEach(this::readNote);
    }

    private void checkInFile(String what, int index, long fileOffset, long filesz) {
        if (!file.contains(fileOffset, filesz)) {
            throw file.problem("truncated: %s %d, 0x%x bytes at file offset 0x%x, goes beyond the file's 0x%x bytes"
                    .formatted(what, index, filesz, fileOffset, file.sizeBytes()));
        }
    }

    private void checkDisjoint() {
        for (int i = 1; i < segments.size(); i++) {
            ElfSegment lower = segments.get(i - 1);
            ElfSegment upper = segments.get(i);
            if (lower.memory().overlaps(upper.memory())) {
                throw file.problem("segments %d (%s) and %d (%s) overlap"
                        .formatted(lower.index(), lower.memory(), upper.index(), upper.memory()));
            }
        }
    }

    private void checkIsKernel() {
        if (abiTag) {
            throw file.problem("not a kernel: an ELF program for an operating system (GNU ABI tag)");
        }
    }

    /** Keeps what matters of a note: there may be millions of others. */
    private void readNote(ElfNote note) {
        linux |= note.name().equals(ElfNote.LINUX);
        abiTag |= note.is(ElfNote.GNU, ElfNote.NT_GNU_ABI_TAG);
        if (note.is(ElfNote.XEN, ElfNote.XEN_ELFNOTE_PHYS32_ENTRY)) {
            long gpa = pvhEntry(note);
            if (pvhEntry.isPresent() && pvhEntry.getAsLong() != gpa) {
                throw file.problem(
                        "two PVH entry notes that differ: 0x%x and 0x%x".formatted(pvhEntry.getAsLong(), gpa));
            }
            pvhEntry = OptionalLong.of(gpa);
        }
    }

    private long pvhEntry(ElfNote note) {
        long gpa =
                switch ((int) Math.min(note.descSizeBytes(), Integer.MAX_VALUE)) {
                    case 4 -> file.u32(note.descOffset());
                    case 8 -> file.u64(note.descOffset());
                    default -> throw badPvhSize(note);
                };
        if (gpa < 0 || gpa > 0xFFFF_FFFFL) {
            throw file.problem("the PVH entry 0x%x is not a 32-bit address".formatted(gpa));
        }
        return gpa;
    }

    private ImageException badPvhSize(ElfNote note) {
        return file.problem("the PVH entry note has %d bytes; an address has 4 or 8".formatted(note.descSizeBytes()));
    }

    /** The address-sized value at {@code offset}, which has been checked. */
    private long address(long offset) {
        return layout.addressSize == 8 ? file.u64(offset) : file.u32(offset);
    }

    private static String machineName(int machine) {
        return switch (machine) {
            case EM_386 -> "i386";
            case EM_X86_64 -> "x86-64 with 32-bit addresses (x32)";
            case 8 -> "MIPS";
            case 20, 21 -> "PowerPC";
            case 22 -> "S/390";
            case 40 -> "32-bit Arm";
            case 183 -> "AArch64";
            case 243 -> "RISC-V";
            case 258 -> "LoongArch";
            default -> "machine " + machine;
        };
    }

    private static String typeName(int type) {
        return switch (type) {
            case 1 -> "an object file";
            case 4 -> "a core dump";
            default -> "of type " + type;
        };
    }
}
