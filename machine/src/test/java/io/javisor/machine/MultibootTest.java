package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.firmware.BootProtocol;
import io.javisor.images.ImageException;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.BootConfig.KernelBoot;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MachineTables;
import io.javisor.machine.config.ModuleConfig;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.Console;
import io.javisor.machine.plan.MachinePlan;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.guest.MultibootProbe;
import io.javisor.testkit.junit.HostTool;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a Multiboot kernel finds at its entry: here, and in QEMU, which has to agree. */
class MultibootTest {
    private static final long MEMORY_BYTES = 64L << 20;
    private static final long MIB = 1 << 20;

    /** What depends on neither the memory's size nor where the modules are. */
    private static final String STATE = """
        magic 2badb002
        flags 0000024d
        cr0 00000001
        eflags 00000000
        limit ffffffff
        rights 00c09a00
        limit ffffffff
        rights 00c09200
        limit ffffffff
        rights 00c09200
        limit ffffffff
        rights 00c09200
        limit ffffffff
        rights 00c09200
        limit ffffffff
        rights 00c09200
        a20 00000001
        bss 00000000
        lower 0000027f
        cmdline DIR/kernel x=y  z
        size 00001388
        sum 000927c0
        text DIR/initrd
        size 00000005
        sum 00000214
        text DIR/module a b
        """;

    @TempDir
    private Path directory = Path.of("");

    @BeforeEach
    void writeModules() throws IOException {
        byte[] initrd = new byte[5000];
        Arrays.fill(initrd, (byte) 'x');
        Files.write(directory.resolve("initrd"), initrd);
        Files.writeString(directory.resolve("module"), "hello");
    }

    private MachineConfig.Builder config(byte[] kernel) throws IOException {
        return MachineConfig.builder(Files.write(directory.resolve("kernel"), kernel))
                .memoryBytes(MEMORY_BYTES)
                .initrd(directory.resolve("initrd"))
                .kernelOptions(
                        options -> options.withModules(List.of(new ModuleConfig(directory.resolve("module"), "a b"))))
                .commandLine("x=y  z")
                .serial(List.of(new SerialSink.ToFile(directory.resolve("out"))));
    }

    @MachineTest
    @Timeout(60)
    void a32BitElfKernelFindsWhatItExpects(EngineProvider engine) throws Exception {
        check(run(engine, MultibootProbe.elf32()), "javisor");
    }

    @MachineTest
    @Timeout(60)
    void a64BitElfKernelFindsWhatItExpects(EngineProvider engine) throws Exception {
        check(run(engine, MultibootProbe.elf64()), "javisor");
    }

    @MachineTest
    @Timeout(60)
    void aKernelOfNoFormatFindsWhatItExpects(EngineProvider engine) throws Exception {
        check(run(engine, MultibootProbe.flat()), "javisor");
    }

    private List<String> run(EngineProvider engine, byte[] kernel) throws Exception {
        MachineConfig config = config(kernel).accel(Accel.parse(engine.name())).build();
        try (Machine machine = Machine.create(config, Console.standard())) {
            machine.start();
            assertEquals(new Outcome.DebugExit(0), machine.await());
        }
        return Files.readAllLines(directory.resolve("out"));
    }

    @Test
    void qemuShowsA32BitElfKernelTheSame() throws IOException {
        check(qemu(MultibootProbe.elf32()), "qemu");
    }

    @Test
    void qemuShowsAKernelOfNoFormatTheSame() throws IOException {
        check(qemu(MultibootProbe.flat()), "qemu");
    }

    /** Its exit device ends QEMU with 1 for the 0 that is written. */
    private List<String> qemu(byte[] kernel) throws IOException {
        HostTool.require("qemu-system-x86_64", "qemu-system-x86");
        Files.write(directory.resolve("kernel"), kernel);
        HostTool.run(
                directory, "", "sh", "-c", """
                    qemu-system-x86_64 -accel tcg -m %d -nodefaults -display none -no-reboot -serial file:out \
                      -device isa-debug-exit,iobase=0xf4 -kernel DIR/kernel -append 'x=y  z' \
                      -initrd 'DIR/initrd,DIR/module a b'
                    test $? = 1
                    """.formatted(MEMORY_BYTES / MIB).replace("DIR", directory.toString()));
        return Files.readAllLines(directory.resolve("out"));
    }

    private void check(List<String> lines, String loader) {
        assertTrue(lines.remove("loader " + loader), lines::toString);
        List<String> others = new ArrayList<>();
        long upperKib = 0;
        long ramEnd = 0;
        long below = 0;
        long end = MIB;
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "upper" -> upperKib = Long.parseLong(words[1], 16);
                case "module" -> {
                    long start = Long.parseLong(words[1], 16);
                    assertEquals(0, start % 0x1000, line);
                    assertTrue(start >= end, line);
                    end = start;
                }
                case "mmap" -> {
                    long start = Long.parseUnsignedLong(words[1], 16);
                    assertTrue(start >= below, line);
                    below = start + Long.parseUnsignedLong(words[2], 16);
                    if (start == 0) {
                        assertEquals("mmap 0000000000000000 000000000009fc00 00000001", line);
                    }
                    if (start == MIB) {
                        ramEnd = below;
                        assertEquals("00000001", words[3]);
                    }
                }
                default -> others.add(line);
            }
        }
        assertEquals(STATE.replace("DIR", directory.toString()), String.join("\n", others) + "\n");
        assertEquals(ramEnd, MIB + (upperKib << 10));
        // QEMU keeps up to 128 KiB for ACPI.
        assertTrue(ramEnd > MEMORY_BYTES - MIB && ramEnd <= MEMORY_BYTES, () -> lines.toString());
    }

    @Test
    void nothingOfLinuxsGoesToItsCommandLine() throws IOException {
        MachinePlan plan = MachinePlan.dryRun(config(MultibootProbe.flat())
                .tables(MachineTables.MP)
                .virtio(List.of(RngConfig.UNLIMITED))
                .build());
        assertEquals(BootProtocol.MULTIBOOT, plan.boot().protocol());
        assertEquals(directory + "/kernel x=y  z", plan.commandLine());
        assertEquals(
                directory + "/kernel",
                MachinePlan.dryRun(
                                config(MultibootProbe.flat()).commandLine(null).build())
                        .commandLine());
    }

    @Test
    void namesWithBlanksStayOneWord() throws IOException {
        Path kernel = Files.write(directory.resolve("my kernel\u00e9"), MultibootProbe.elf32());
        assertEquals(
                directory + "/my_kernel_ a",
                MachinePlan.dryRun(
                                MachineConfig.builder(kernel).commandLine(" a ").build())
                        .commandLine());
    }

    @Test
    void modulesThatAreNotThereAreRefused() throws IOException {
        MachineConfig config = config(MultibootProbe.flat())
                .kernelOptions(options -> options.withModules(List.of(ModuleConfig.parse("/none/m"))))
                .build();
        assertEquals(
                "module /none/m does not exist",
                assertThrows(ConfigException.class, () -> MachinePlan.dryRun(config))
                        .getMessage());
    }

    @Test
    void modulesForALinuxKernelAreRefused() throws IOException {
        MachineConfig multiboot = config(MultibootProbe.flat()).build();
        MachineConfig config = multiboot.toBuilder()
                .boot(KernelBoot.of(CodeKernel.writeTo(directory, 0xF4))
                        .with(multiboot.boot().options()))
                .build();
        assertEquals(
                "kernel " + directory + "/kernel.elf: modules go to Multiboot kernels only; an initrd is --initrd",
                assertThrows(ImageException.class, () -> MachinePlan.dryRun(config))
                        .getMessage());
    }
}
