package io.javisor.firmware.bzimage;

import static io.javisor.firmware.bzimage.SetupHeaderLayout.*;

import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;

/** Reads one setup header; every field is checked before it is used, if the image's protocol version has it. */
final class SetupHeaderReader {
    /** The first version whose command line is a pointer; older images are from before Linux 2.4. */
    private static final int VERSION_MIN = 0x0202;

    private static final int SECTOR_SIZE = 512;
    /** boot.rst, "The Memory Layout": heap and stack begin 32 KiB after the boot sector. */
    private static final int SETUP_SECTS_MAX = 63;

    private static final long HIGH_LOAD_GPA = 0x10_0000;
    private static final long FOUR_GIB = 1L << 32;
    private static final int ALIGNMENT_DEFAULT = 0x20_0000;

    private final ImageFile file;
    private int version;
    private int endOffset;
    private long protectedModeOffset;
    private long protectedModeSize;

    SetupHeaderReader(ImageFile file) {
        this.file = file;
    }

    SetupHeader read() {
        readIdentity();
        readSizes();
        int loadflags = readLoadflags();
        long code32Start = readCode32Start();
        long initrdAddrMax = readInitrdAddrMax();
        boolean relocatable = readRelocatable();
        long alignment = readAlignment(relocatable);
        int xloadflags = readXloadflags();
        long cmdlineSize = readCmdlineSize();
        checkLoaderFields();
        long payloadOffset = has(0x0208) ? file.u32(PAYLOAD_OFFSET_OFFSET) : 0;
        long payloadLength = has(0x0208) ? file.u32(PAYLOAD_LENGTH_OFFSET) : 0;
        require(
                payloadOffset + payloadLength <= protectedModeSize,
                "payload_offset 0x%x and payload_length 0x%x go beyond the protected-mode part of 0x%x bytes",
                payloadOffset,
                payloadLength,
                protectedModeSize);
        long prefAddress = readPrefAddress(relocatable, alignment);
        long initSize = readInitSize(prefAddress);
        checkHandoverOffset();
        checkKernelInfo();
        return new SetupHeader(
                version,
                protectedModeOffset,
                protectedModeSize,
                loadflags,
                code32Start,
                initrdAddrMax,
                relocatable,
                alignment,
                xloadflags,
                cmdlineSize,
                payloadOffset,
                payloadLength,
                prefAddress,
                initSize,
                endOffset);
    }

    private void readIdentity() {
        require(
                file.contains(0, HEADER_LIMIT),
                "truncated: a bzImage has a header up to 0x%x, the file has %d bytes",
                HEADER_LIMIT,
                file.sizeBytes());
        int bootFlag = file.u16(BOOT_FLAG_OFFSET);
        require(bootFlag == BOOT_FLAG, "boot_flag is 0x%04x instead of 0x%04x", bootFlag, BOOT_FLAG);
        long magic = file.u32(HEADER_OFFSET);
        require(magic == HEADER_MAGIC, "no bzImage header: its magic is 0x%08x instead of \"HdrS\"", magic);
        version = file.u16(VERSION_OFFSET);
        require(
                version >= VERSION_MIN && version >>> 8 == 2,
                "boot protocol version %d.%02d; it takes 2.02 or later 2.x",
                version >>> 8,
                version & 0xFF);
        int opcode = file.u8(JUMP_OFFSET);
        require(opcode == JUMP_SHORT, "the jump over the header has the opcode 0x%02x instead of 0xeb", opcode);
        endOffset = HEADER_OFFSET + file.u8(JUMP_OFFSET + 1);
        require(
                endOffset >= endOfFields() && endOffset <= HEADER_LIMIT,
                "the header ends at 0x%x; that of protocol %d.%02d ends between 0x%x and 0x%x",
                endOffset,
                version >>> 8,
                version & 0xFF,
                endOfFields(),
                HEADER_LIMIT);
    }

    /** The end of the last field that the version has. */
    private int endOfFields() {
        if (has(0x020F)) {
            return KERNEL_INFO_OFFSET_OFFSET + 4;
        }
        if (has(0x020B)) {
            return HANDOVER_OFFSET_OFFSET + 4;
        }
        if (has(0x020A)) {
            return INIT_SIZE_OFFSET + 4;
        }
        if (has(0x0208)) {
            return PAYLOAD_LENGTH_OFFSET + 4;
        }
        if (has(0x0207)) {
            return PAYLOAD_OFFSET_OFFSET; // hardware_subarch_data is the one before
        }
        return has(0x0206) ? CMDLINE_SIZE_OFFSET + 4 : CMD_LINE_PTR_OFFSET + 4;
    }

    private void readSizes() {
        int setupSects = file.u8(SETUP_SECTS_OFFSET);
        require(setupSects <= SETUP_SECTS_MAX, "setup_sects is %d; it is at most %d", setupSects, SETUP_SECTS_MAX);
        // boot.rst, setup_sects: 0 means 4.
        protectedModeOffset = ((setupSects == 0 ? 4 : setupSects) + 1L) * SECTOR_SIZE;
        require(
                protectedModeOffset < file.sizeBytes(),
                "truncated: setup_sects is %d, but the file has only %d bytes",
                setupSects,
                file.sizeBytes());
        // 16 bits before 2.04.
        long paragraphs = has(0x0204) ? file.u32(SYSSIZE_OFFSET) : file.u16(SYSSIZE_OFFSET);
        long inFile = file.sizeBytes() - protectedModeOffset;
        require(paragraphs != 0, "syssize is 0");
        require(
                paragraphs <= (inFile + 15) / 16,
                "truncated: syssize says 0x%x bytes of protected-mode code, the file has 0x%x",
                paragraphs * 16,
                inFile);
        protectedModeSize = Math.min(paragraphs * 16, inFile);
    }

    private int readLoadflags() {
        int loadflags = file.u8(LOADFLAGS_OFFSET);
        require(
                (loadflags & LOADED_HIGH) != 0,
                "loadflags is 0x%02x: without LOADED_HIGH it is a zImage, which can't be booted",
                loadflags);
        return loadflags;
    }

    private long readCode32Start() {
        long start = file.u32(CODE32_START_OFFSET);
        require(
                start == 0 || (start >= HIGH_LOAD_GPA && start - HIGH_LOAD_GPA < protectedModeSize),
                "code32_start 0x%x is outside the protected-mode part, 0x%x bytes at 1 MiB",
                start,
                protectedModeSize);
        return start;
    }

    private long readInitrdAddrMax() {
        if (!has(0x0203)) {
            return 0x37FF_FFFF;
        }
        long max = file.u32(INITRD_ADDR_MAX_OFFSET);
        require(max >= HIGH_LOAD_GPA, "initrd_addr_max 0x%x leaves no place above 1 MiB", max);
        return max;
    }

    private boolean readRelocatable() {
        int relocatable = has(0x0205) ? file.u8(RELOCATABLE_KERNEL_OFFSET) : 0;
        require(relocatable <= 1, "relocatable_kernel is %d; it is 0 or 1", relocatable);
        return relocatable == 1;
    }

    private long readAlignment(boolean relocatable) {
        if (!relocatable) {
            return ALIGNMENT_DEFAULT;
        }
        long alignment = file.u32(KERNEL_ALIGNMENT_OFFSET);
        require(
                Long.bitCount(alignment) == 1 && alignment >= 0x1000 && alignment <= 1 << 30,
                "kernel_alignment 0x%x is not a power of two from 4 KiB to 1 GiB",
                alignment);
        int minAlignment = has(0x020A) ? file.u8(MIN_ALIGNMENT_OFFSET) : 0;
        require(
                minAlignment < Long.SIZE && 1L << minAlignment <= alignment,
                "min_alignment 2^%d is more than kernel_alignment 0x%x",
                minAlignment,
                alignment);
        return alignment;
    }

    private int readXloadflags() {
        int flags = has(0x020C) ? file.u16(XLOADFLAGS_OFFSET) : 0;
        require(
                (flags & XLF_CAN_BE_LOADED_ABOVE_4G) == 0 || (flags & XLF_KERNEL_64) != 0,
                "xloadflags 0x%x: loadable above 4 GiB, but without a 64-bit entry",
                flags);
        require(
                (flags & XLF_5LEVEL_ENABLED) == 0 || (flags & XLF_5LEVEL) != 0,
                "xloadflags 0x%x: five-level paging enabled, but not supported",
                flags);
        require(
                (flags & XLF_KERNEL_64) == 0 || protectedModeSize > BzImage.ENTRY64_OFFSET,
                "xloadflags 0x%x: a 64-bit entry, but the protected-mode part has only 0x%x bytes",
                flags,
                protectedModeSize);
        return flags;
    }

    private long readCmdlineSize() {
        // boot.rst, cmdline_size: 255 before 2.06.
        long size = has(0x0206) ? file.u32(CMDLINE_SIZE_OFFSET) : 255;
        require(size != 0, "cmdline_size is 0");
        return size;
    }

    /** What boot loaders write, and a file leaves empty. */
    private void checkLoaderFields() {
        long hook = file.u32(REALMODE_SWTCH_OFFSET);
        require(hook == 0, "realmode_swtch is 0x%x; it is a boot loader's, and 0 in a file", hook);
        int kernelVersion = file.u16(KERNEL_VERSION_OFFSET);
        require(
                kernelVersion < protectedModeOffset - SECTOR_SIZE,
                "kernel_version 0x%x is outside the setup of 0x%x bytes",
                kernelVersion,
                protectedModeOffset);
        long subarch = has(0x0207) ? file.u32(HARDWARE_SUBARCH_OFFSET) : 0;
        require(subarch == 0, "hardware_subarch is %d; a PC is 0", subarch);
        long setupData = has(0x0209) ? file.u64(SETUP_DATA_OFFSET) : 0;
        require(setupData == 0, "setup_data is 0x%x; it is a boot loader's, and 0 in a file", setupData);
    }

    private long readPrefAddress(boolean relocatable, long alignment) {
        if (!has(0x020A)) {
            return HIGH_LOAD_GPA;
        }
        long address = file.u64(PREF_ADDRESS_OFFSET);
        require(
                address >= HIGH_LOAD_GPA && address < FOUR_GIB,
                "pref_address 0x%x is not between 1 MiB and 4 GiB",
                address);
        require(
                !relocatable || address % alignment == 0,
                "pref_address 0x%x is no multiple of kernel_alignment 0x%x",
                address,
                alignment);
        return address;
    }

    private long readInitSize(long prefAddress) {
        if (!has(0x020A)) {
            return protectedModeSize;
        }
        long size = file.u32(INIT_SIZE_OFFSET);
        require(
                size >= protectedModeSize,
                "init_size 0x%x is less than the protected-mode part of 0x%x bytes",
                size,
                protectedModeSize);
        require(
                size <= FOUR_GIB - prefAddress,
                "init_size 0x%x from pref_address 0x%x goes beyond 4 GiB",
                size,
                prefAddress);
        return size;
    }

    private void checkHandoverOffset() {
        long offset = has(0x020B) ? file.u32(HANDOVER_OFFSET_OFFSET) : 0;
        require(
                offset < protectedModeSize,
                "handover_offset 0x%x is outside the protected-mode part of 0x%x bytes",
                offset,
                protectedModeSize);
    }

    private void checkKernelInfo() {
        long offset = has(0x020F) ? file.u32(KERNEL_INFO_OFFSET_OFFSET) : 0;
        if (offset == 0) {
            return;
        }
        require(
                offset <= protectedModeSize - KERNEL_INFO_SIZE_MIN,
                "kernel_info_offset 0x%x is outside the protected-mode part of 0x%x bytes",
                offset,
                protectedModeSize);
        long at = protectedModeOffset + offset;
        long magic = file.u32(at);
        require(magic == KERNEL_INFO_MAGIC, "kernel_info has the magic 0x%08x instead of \"LToP\"", magic);
        long size = file.u32(at + KERNEL_INFO_SIZE_OFFSET);
        long total = file.u32(at + KERNEL_INFO_SIZE_TOTAL_OFFSET);
        require(
                size >= KERNEL_INFO_SIZE_MIN && size <= total && total <= protectedModeSize - offset,
                "kernel_info of %d bytes, %d with its data, at 0x%x does not fit the protected-mode part of 0x%x bytes",
                size,
                total,
                offset,
                protectedModeSize);
    }

    private boolean has(int since) {
        return version >= since;
    }

    private void require(boolean condition, String problem, Number... operands) {
        if (!condition) {
            throw problem(problem.formatted((Object[]) operands));
        }
    }

    private ImageException problem(String what) {
        return file.problem("damaged bzImage: " + what);
    }
}
