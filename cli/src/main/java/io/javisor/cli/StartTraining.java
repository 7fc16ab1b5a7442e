package io.javisor.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the JVM watches at package time to make the AOT cache (JEP 483, 514) that the launcher starts with: a run from the command line to
 * the first guest instructions and the end. Where KVM can't be opened, a dry run, which loads fewer classes.
 */
final class StartTraining {
    private static final int ELF_HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    private static final long LOAD_GPA = 0x100_0000;

    // mov dx, 0x3f8; mov al, '\n'; out dx, al; mov al, 0; out 0xf4, al: one character, then the debug exit with 0
    private static final byte[] CODE = {
        0x66, (byte) 0xba, (byte) 0xf8, 0x03, (byte) 0xb0, '\n', (byte) 0xee, (byte) 0xb0, 0, (byte) 0xe6, (byte) 0xf4
    };

    private StartTraining() {}

    /** Ends with the run's exit status. */
    public static void main(String[] arguments) {
        System.exit(train());
    }

    private static int train() {
        try {
            Path kernel = Files.createTempFile("javisor-training", ".elf");
            try {
                Files.write(kernel, elf());
                String[] arguments = {"run", "--kernel", kernel.toString(), mode()};
                return Main.commandLine(arguments).execute(arguments);
            } finally {
                Files.delete(kernel);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String mode() {
        Path kvm = Path.of("/dev/kvm");
        return Files.isReadable(kvm) && Files.isWritable(kvm) ? "--no-reboot" : "--dry-run";
    }

    /** System V ABI, ELF-64: a file header, one program header, the code. */
    private static byte[] elf() {
        int headers = ELF_HEADER_SIZE + PROGRAM_HEADER_SIZE;
        int size = headers + CODE.length;
        ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
        elf.putShort((short) 2).putShort((short) 62).putInt(1); // ET_EXEC, EM_X86_64
        elf.putLong(LOAD_GPA + headers).putLong(ELF_HEADER_SIZE).putLong(0); // entry, program headers, no sections
        elf.putInt(0).putShort((short) ELF_HEADER_SIZE).putShort((short) PROGRAM_HEADER_SIZE);
        elf.putShort((short) 1).putShort((short) 0).putShort((short) 0).putShort((short) 0);
        elf.putInt(1).putInt(5); // PT_LOAD, readable and executable
        elf.putLong(0).putLong(LOAD_GPA).putLong(LOAD_GPA);
        elf.putLong(size).putLong(size).putLong(0x1000);
        return elf.put(CODE).array();
    }
}
