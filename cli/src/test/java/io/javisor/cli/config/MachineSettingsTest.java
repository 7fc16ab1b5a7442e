package io.javisor.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.cpu.CpuTemplate;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.firmware.BootProtocol;
import io.javisor.machine.CloudInitConfig;
import io.javisor.machine.DiskConfig;
import io.javisor.machine.MachineConfig;
import io.javisor.machine.NetConfig;
import io.javisor.machine.RngConfig;
import io.javisor.machine.SerialSink;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MachineSettingsTest {
    private static final MachineSettings SILENT = new MachineSettings(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    private static final MachineSettings ONE = new MachineSettings(
            "one",
            Path.of("k1"),
            Path.of("i1"),
            "c1",
            4L << 20,
            MemoryBackingConfig.parse("memfd"),
            2,
            new CpuConfig(CpuTemplate.HOST, Set.of(), Set.of("avx")),
            new BootProtocolChoice(BootProtocol.PVH),
            true,
            false,
            List.of(new SerialSink.Pty(), new SerialSink.Null()),
            List.of(DiskConfig.parse("a.img,readonly")),
            Path.of("u1"),
            List.of(NetConfig.parse("user")),
            new RngChoice(true, 7),
            false);
    private static final MachineSettings OTHER = new MachineSettings(
            "other",
            Path.of("k2"),
            Path.of("i2"),
            "c2",
            8L << 20,
            MemoryBackingConfig.DEFAULT,
            3,
            CpuConfig.DEFAULT,
            new BootProtocolChoice(null),
            false,
            true,
            List.of(),
            List.of(),
            Path.of("u2"),
            List.of(),
            new RngChoice(false, 0),
            true);

    /** A setting that was forgotten in the merge would show in one of these. */
    @Test
    void theUpperSettingsWin() {
        assertEquals(ONE, ONE.over(OTHER));
        assertEquals(OTHER, OTHER.over(ONE));
        assertEquals(ONE, SILENT.over(ONE));
        assertEquals(ONE, ONE.over(SILENT));
        assertEquals(SILENT, SILENT.over(SILENT));
    }

    @Test
    void everySettingReachesTheConfiguration() {
        assertEquals(
                MachineConfig.builder(Path.of("k1"))
                        .name("one")
                        .initrd(Path.of("i1"))
                        .commandLine("c1")
                        .bootProtocol(BootProtocol.PVH)
                        .kaslr(true)
                        .acpi(false)
                        .memoryBytes(4 << 20)
                        .memoryBacking(MemoryBackingConfig.parse("memfd"))
                        .cpus(2)
                        .cpu(new CpuConfig(CpuTemplate.HOST, Set.of(), Set.of("avx")))
                        .serial(List.of(new SerialSink.Pty(), new SerialSink.Null()))
                        .virtio(List.of(
                                DiskConfig.parse("a.img,readonly"),
                                new CloudInitConfig(Path.of("u1")),
                                NetConfig.parse("user"),
                                new RngConfig(7)))
                        .restartOnReset(false)
                        .build(),
                ONE.toConfig());
    }

    @Test
    void silenceIsTheMachinesDefaults() {
        assertEquals(MachineConfig.builder(Path.of("")).acpi(false).build(), SILENT.toConfig());
    }
}
