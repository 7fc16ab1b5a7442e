package io.javisor.benchmarks;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.Console;
import io.javisor.machine.Machine;
import io.javisor.machine.MachineConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** A whole machine whose guest writes one character to its serial port and then halts or loops. */
final class TinyMachine implements AutoCloseable {
    /** RAM. The kernel and all that the boot needs lie in the first 2 MiB. */
    static final long MEMORY_BYTES = 16L << 20;

    // mov dx,0x3f8; mov al,'x'; out dx,al; and then: hlt; jmp to it, or jmp to itself
    private static final byte[] HALTING = code(0xF4, 0xEB, 0xFD);
    private static final byte[] LOOPING = code(0xEB, 0xFE);
    private static final int ELF_HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    private static final long LOAD_GPA = 0x10_0000;

    private final Arena arena = Arena.ofShared();
    private final Fd inputReader;
    private final Fd inputWriter;
    private final Fd outputReader;
    private final Fd outputWriter;
    private final Machine machine;

    /** Makes and starts a machine; {@link #awaitFirstInstruction} waits for its guest. */
    TinyMachine(String name, MeasuredEngine engine, Path kernel) {
        MemorySegment fds = arena.allocate(ValueLayout.JAVA_INT, 2);
        int _ = Libc.check("pipe2", Libc.pipe2(fds.address(), HostConstants.O_CLOEXEC));
        inputReader = Fd.own("console input", fds.getAtIndex(ValueLayout.JAVA_INT, 0));
        inputWriter = Fd.own("console input", fds.getAtIndex(ValueLayout.JAVA_INT, 1));
        int _ = Libc.check("pipe2", Libc.pipe2(fds.address(), HostConstants.O_CLOEXEC));
        outputReader = Fd.own("console output", fds.getAtIndex(ValueLayout.JAVA_INT, 0));
        outputWriter = Fd.own("console output", fds.getAtIndex(ValueLayout.JAVA_INT, 1));
        MachineConfig config = MachineConfig.builder(kernel)
                .name(name)
                .accel(engine.accel())
                .memoryBytes(MEMORY_BYTES)
                .build();
        machine =
                Machine.create(config, new Console(inputReader.value(), outputWriter.value(), ConsoleInputFilter.NONE));
        machine.start();
    }

    Machine machine() {
        return machine;
    }

    /** Returns when the guest's character has come out of the host's end of the console. */
    void awaitFirstInstruction() {
        MemorySegment buffer = arena.allocate(1);
        long count = Libc.check("read(console output)", Libc.read(outputReader.value(), buffer.address(), 1));
        if (count != 1) {
            throw new IllegalStateException("the guest ended without output");
        }
    }

    @Override
    public void close() {
        machine.close();
        inputReader.close();
        inputWriter.close();
        outputReader.close();
        outputWriter.close();
        arena.close();
    }

    /** Writes the kernel's ELF file into {@code directory}. */
    static Path kernel(Path directory, boolean halting) throws IOException {
        byte[] code = halting ? HALTING : LOOPING;
        int headers = ELF_HEADER_SIZE + PROGRAM_HEADER_SIZE;
        int size = headers + code.length;
        ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
        elf.putShort((short) 2).putShort((short) 62).putInt(1); // ET_EXEC, EM_X86_64
        elf.putLong(LOAD_GPA + headers).putLong(ELF_HEADER_SIZE).putLong(0);
        elf.putInt(0).putShort((short) ELF_HEADER_SIZE).putShort((short) PROGRAM_HEADER_SIZE);
        elf.putShort((short) 1).putShort((short) 0).putShort((short) 0).putShort((short) 0);
        elf.putInt(1).putInt(5).putLong(0).putLong(LOAD_GPA).putLong(LOAD_GPA); // PT_LOAD
        elf.putLong(size).putLong(size).putLong(0x1000);
        return Files.write(
                directory.resolve(halting ? "halting.elf" : "looping.elf"),
                elf.put(code).array());
    }

    private static byte[] code(int... end) {
        byte[] begin = {0x66, (byte) 0xba, (byte) 0xf8, 0x03, (byte) 0xb0, 'x', (byte) 0xee};
        ByteBuffer code = ByteBuffer.allocate(begin.length + end.length).put(begin);
        for (int b : end) {
            code.put((byte) b);
        }
        return code.array();
    }
}
