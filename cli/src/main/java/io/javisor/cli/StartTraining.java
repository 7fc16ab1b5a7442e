package io.javisor.cli;

import io.javisor.cli.image.ImageTraining;
import io.javisor.firmware.BootProtocol;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.EngineChoice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the JVM watches at package time to make the AOT cache (JEP 483, 514) that the launcher starts with: a run from the command line to
 * the first guest instructions and the end, by both ways to enter a kernel, with a virtio device, whose classes most machines need; by the engine that
 * this host's machines get, and by the software engine, which may be asked for where there is KVM. An engine that this host refuses is passed
 * over by a dry run, which loads fewer classes. For a cache of their own it has the commands for images run. It ships in the product's jar, for the
 * cache is for the class path of which it was made.
 */
final class StartTraining {
    private static final int ELF_HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    private static final int NOTE_SIZE = 20;
    private static final long LOAD_GPA = 0x100_0000;

    // mov dx, 0x3f8; mov al, '\n'; out dx, al; mov al, 0; out 0xf4, al: one character, then the debug exit with 0
    private static final byte[] CODE = {
        0x66, (byte) 0xba, (byte) 0xf8, 0x03, (byte) 0xb0, '\n', (byte) 0xee, (byte) 0xb0, 0, (byte) 0xe6, (byte) 0xf4
    };

    private StartTraining() {}

    /**
     * Ends with the run's exit status. Leaves in the directory that is the first argument the home of the JDK that it ran with, which the
     * cache fits, for the launcher. With {@code images} as the second argument it has the commands for images run, and no machine.
     */
    public static void main(String[] arguments) {
        Path directory = Path.of(arguments[0]);
        if (arguments.length > 1) {
            try {
                System.exit(ImageTraining.run(directory, Main::run));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        try {
            Files.writeString(directory.resolve("jdk"), System.getProperty("java.home") + "\n");
            String runtime = System.getenv("XDG_RUNTIME_DIR");
            if (runtime != null) { // the session's part, for the machines' places are to be trained too
                Files.createDirectories(Path.of(runtime));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.exit(train(directory));
    }

    private static int train(Path directory) {
        try {
            Path kernel = directory.resolve("training.elf");
            Path output = directory.resolve("training.out");
            try {
                // Of what a console may be, epoll takes pipes and terminals,
                // and refuses files. It is not asked about a file with a bound.
                SerialSink file = new SerialSink.ToFile(output, SerialSink.ToFile.UNLIMITED);
                int onFile = train(kernel, BootProtocol.LINUX64, file.toString(), "on", Accel.AUTO);
                int onStdio = train(kernel, BootProtocol.PVH, "stdio", "off", Accel.AUTO);
                SerialSink bounded = new SerialSink.ToFile(output);
                int bySoftware = train(kernel, BootProtocol.LINUX64, bounded.toString(), "off", Accel.SOFTWARE);
                return Math.max(Math.max(onFile, onStdio), bySoftware);
            } finally {
                Files.delete(kernel);
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int train(Path kernel, BootProtocol protocol, String serial, String rng, Accel accel)
            throws IOException {
        Files.write(kernel, elf(protocol));
        return Main.run(
                "run",
                "--memory",
                "128M",
                "--kernel",
                kernel.toString(),
                "--serial",
                serial,
                "--rng",
                rng,
                "--accel",
                accel.toString(),
                EngineChoice.of(accel).engine() != null ? "--no-reboot" : "--dry-run");
    }

    /** System V ABI, ELF-64: a file header, two program headers, a note with the PVH entry or nothing, the code. */
    private static byte[] elf(BootProtocol protocol) {
        int note = ELF_HEADER_SIZE + 2 * PROGRAM_HEADER_SIZE;
        int code = note + NOTE_SIZE;
        int size = code + CODE.length;
        ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
        elf.putShort((short) 2).putShort((short) 62).putInt(1); // ET_EXEC, EM_X86_64
        elf.putLong(LOAD_GPA + code).putLong(ELF_HEADER_SIZE).putLong(0); // entry, program headers, no sections
        elf.putInt(0).putShort((short) ELF_HEADER_SIZE).putShort((short) PROGRAM_HEADER_SIZE);
        elf.putShort((short) 2).putShort((short) 0).putShort((short) 0).putShort((short) 0);
        elf.putInt(1).putInt(5); // PT_LOAD, readable and executable
        elf.putLong(0).putLong(LOAD_GPA).putLong(LOAD_GPA);
        elf.putLong(size).putLong(size).putLong(0x1000);
        elf.putInt(protocol == BootProtocol.PVH ? 4 : 0).putInt(4); // PT_NOTE or PT_NULL, readable
        elf.putLong(note).putLong(LOAD_GPA + note).putLong(LOAD_GPA + note);
        elf.putLong(NOTE_SIZE).putLong(NOTE_SIZE).putLong(4);
        elf.putInt(4).putInt(4).putInt(18); // XEN_ELFNOTE_PHYS32_ENTRY (xen/include/public/elfnote.h)
        elf.put(new byte[] {'X', 'e', 'n', 0}).putInt((int) LOAD_GPA + code);
        return elf.put(CODE).array();
    }
}
