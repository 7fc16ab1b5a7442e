package io.javisor.machine.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.Machine;
import io.javisor.machine.Outcome;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MachineTables;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.host.Console;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SystemDescriptionTest {
    /** Adds 1 for each MP floating pointer and 16 for each RSDP where operating systems look, and exits with the sum. */
    private static final int[] COUNT_TABLES = {
        0xBE, 0x00, 0xFC, 0x09, 0x00, //       mov esi, 0x9fc00
        0x31, 0xDB, //                         xor ebx, ebx
        0x8B, 0x06, //                   next: mov eax, [rsi]
        0x3D, '_', 'M', 'P', '_', //           cmp eax, "_MP_"
        0x75, 0x02, //                         jne .+4
        0xFE, 0xC3, //                         inc bl
        0x3D, 'R', 'S', 'D', ' ', //           cmp eax, "RSD "
        0x75, 0x03, //                         jne .+5
        0x80, 0xC3, 0x10, //                   add bl, 16
        0x83, 0xC6, 0x10, //                   add esi, 16
        0x81, 0xFE, 0x00, 0x00, 0x10, 0x00, // cmp esi, 0x100000
        0x72, 0xE0, //                         jb next
        0x88, 0xD8, //                         mov al, bl
        0xE6, 0xF4, //                         out 0xf4, al
        0xF4, //                               hlt
    };

    @TempDir
    private Path directory = Path.of("");

    @MachineTest
    @Timeout(60)
    void aGuestWithAcpiFindsOneDescriptionOfItsMachine(EngineProvider engine) throws Exception {
        assertEquals(16, tables(engine, MachineTables.ACPI, 1));
    }

    @MachineTest
    @Timeout(60)
    void aGuestWithAcpiAndThreeProcessorsFindsOneToo(EngineProvider engine) throws Exception {
        assertEquals(16, tables(engine, MachineTables.ACPI, 3));
    }

    @MachineTest
    @Timeout(60)
    void aGuestWithoutAcpiFindsAnMpTable(EngineProvider engine) throws Exception {
        assertEquals(1, tables(engine, MachineTables.MP, 1));
    }

    @MachineTest
    @Timeout(60)
    void aGuestWithoutAcpiWithThreeProcessorsFindsOneToo(EngineProvider engine) throws Exception {
        assertEquals(1, tables(engine, MachineTables.MP, 3));
    }

    @MachineTest
    @Timeout(60)
    void aGuestFindsBothWhereItIsToldByBoth(EngineProvider engine) throws Exception {
        assertEquals(17, tables(engine, MachineTables.ACPI_AND_MP, 3));
    }

    /** The sum that {@link #COUNT_TABLES} exits with. */
    private int tables(EngineProvider engine, MachineTables tables, int cpus) throws Exception {
        MachineConfig config = MachineConfig.builder(CodeKernel.writeTo(directory, COUNT_TABLES))
                .accel(Accel.parse(engine.name()))
                .memoryBytes(16 << 20)
                .cpus(cpus)
                .tables(tables)
                .build();
        try (Fd in = open(HostConstants.O_RDONLY);
                Fd out = open(HostConstants.O_WRONLY);
                Machine machine =
                        Machine.create(config, new Console(in.value(), out.value(), ConsoleInputFilter.NONE))) {
            machine.start();
            return assertInstanceOf(Outcome.DebugExit.class, machine.await()).code();
        }
    }

    @Test
    void theCommandLineNamesDevicesOnlyWithAnMpTable() throws IOException {
        String withAcpi = commandLine(MachineTables.ACPI);
        assertFalse(withAcpi.contains("virtio_mmio.device="), withAcpi);
        for (MachineTables tables : List.of(MachineTables.MP, MachineTables.ACPI_AND_MP)) {
            String withMp = commandLine(tables);
            assertTrue(withMp.startsWith("virtio_mmio.device="), withMp);
            assertTrue(
                    withMp.endsWith(" " + KernelOptions.DEFAULT_COMMAND_LINE),
                    "what a user gives comes last, and so wins");
        }
    }

    private String commandLine(MachineTables tables) throws IOException {
        Path kernel = CodeKernel.writeTo(directory, COUNT_TABLES);
        return MachinePlan.dryRun(MachineConfig.builder(kernel)
                        .tables(tables)
                        .virtio(List.of(RngConfig.UNLIMITED))
                        .build())
                .commandLine();
    }

    private static Fd open(int flags) {
        return Fd.own("/dev/null", Libc.open("/dev/null", flags, 0));
    }
}
