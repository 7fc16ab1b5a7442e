package io.javisor.firmware.elf;

/**
 * Offsets of the ELF header and of a program header (System V gABI, chapter 4 "ELF Header", chapter 5 "Program Header"), for the two
 * classes; pinned to {@code linux/elf.h} by a test. {@code addressSize} is the size of {@code Elf_Addr}, {@code Elf_Off} and of the
 * fields that {@code Elf64_Xword} widens.
 */
enum ElfLayout {
    ELF32(4, 52, 24, 28, 42, 44, 32, 4, 8, 12, 16, 20, 28),
    ELF64(8, 64, 24, 32, 54, 56, 56, 8, 16, 24, 32, 40, 48);

    static final int EI_CLASS_OFFSET = 4;
    static final int EI_DATA_OFFSET = 5;
    static final int EI_VERSION_OFFSET = 6;
    static final int E_TYPE_OFFSET = 16;
    static final int E_MACHINE_OFFSET = 18;
    static final int E_VERSION_OFFSET = 20;
    static final int P_TYPE_OFFSET = 0;

    static final int ELFCLASS32 = 1;
    static final int ELFCLASS64 = 2;
    static final int ELFDATA2LSB = 1;
    static final int ELFDATA2MSB = 2;
    static final int EV_CURRENT = 1;
    static final int ET_EXEC = 2;
    static final int ET_DYN = 3;
    static final int EM_386 = 3;
    static final int EM_X86_64 = 62;
    static final int PN_XNUM = 0xFFFF;
    static final int PT_LOAD = 1;
    static final int PT_INTERP = 3;
    static final int PT_NOTE = 4;

    final int addressSize;
    final int headerSize;
    final int entryOffset;
    final int phoffOffset;
    final int phentsizeOffset;
    final int phnumOffset;
    final int programHeaderSize;
    final int fileOffsetOffset;
    final int vaddrOffset;
    final int paddrOffset;
    final int fileszOffset;
    final int memszOffset;
    final int alignOffset;

    ElfLayout(int addressSize, int headerSize, int... offsets) {
        this.addressSize = addressSize;
        this.headerSize = headerSize;
        entryOffset = offsets[0];
        phoffOffset = offsets[1];
        phentsizeOffset = offsets[2];
        phnumOffset = offsets[3];
        programHeaderSize = offsets[4];
        fileOffsetOffset = offsets[5];
        vaddrOffset = offsets[6];
        paddrOffset = offsets[7];
        fileszOffset = offsets[8];
        memszOffset = offsets[9];
        alignOffset = offsets[10];
    }
}
