package io.javisor.benchmarks;

import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.Machine;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.host.Console;
import io.javisor.testkit.host.Pipe;
import io.javisor.testkit.image.ElfBuilder;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A whole machine whose guest writes one character to its serial port and then halts or loops. */
final class TinyMachine implements AutoCloseable {
    /** RAM. The kernel and all that the boot needs lie in the first 2 MiB. */
    static final long MEMORY_BYTES = 16L << 20;

    // mov dx,0x3f8; mov al,'x'; out dx,al; and then: hlt; jmp to it, or jmp to itself
    private static final byte[] HALTING = code(0xF4, 0xEB, 0xFD);
    private static final byte[] LOOPING = code(0xEB, 0xFE);
    private static final long LOAD_GPA = 0x10_0000;

    private final Arena arena = Arena.ofShared();
    private final Pipe input = Pipe.open();
    private final Pipe output = Pipe.open();
    private final Machine machine;

    /** Makes and starts a machine; {@link #awaitFirstInstruction} waits for its guest. */
    TinyMachine(String name, MeasuredEngine engine, Path kernel) {
        MachineConfig config = MachineConfig.builder(kernel)
                .name(name)
                .accel(engine.accel())
                .memoryBytes(MEMORY_BYTES)
                .build();
        machine = Machine.create(
                config, new Console(input.reader().value(), output.writer().value(), ConsoleInputFilter.NONE));
        machine.start();
    }

    Machine machine() {
        return machine;
    }

    /** Returns when the guest's character has come out of the host's end of the console. */
    void awaitFirstInstruction() {
        MemorySegment buffer = arena.allocate(1);
        long count =
                Libc.check("read(console output)", Libc.read(output.reader().value(), buffer.address(), 1));
        if (count != 1) {
            throw new IllegalStateException("the guest ended without output");
        }
    }

    @Override
    public void close() {
        machine.close();
        input.close();
        output.close();
        arena.close();
    }

    /** Writes the kernel's ELF file into {@code directory}. */
    static Path kernel(Path directory, boolean halting) throws IOException {
        byte[] code = halting ? HALTING : LOOPING;
        byte[] elf = ElfBuilder.elf64()
                .entry(LOAD_GPA)
                .load(LOAD_GPA, code, code.length)
                .bytes();
        return Files.write(directory.resolve(halting ? "halting.elf" : "looping.elf"), elf);
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
