package io.javisor.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.cpu.CpuTemplate;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.firmware.BootProtocol;
import io.javisor.images.FileKind;
import io.javisor.machine.config.BootConfig.DiskKernelBoot;
import io.javisor.machine.config.BootConfig.KernelBoot;
import io.javisor.machine.config.CloudInitConfig;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.CpusConfig;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MachineTables;
import io.javisor.machine.config.MemoryConfig;
import io.javisor.machine.config.ModuleConfig;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.RngConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.config.TraceConfig;
import io.javisor.machine.host.BootDisk;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MachineSettingsTest {
    private static final String GUEST_COMMAND_LINE = "console=ttyS0 reboot=k panic=-1 quiet cryptomgr.notests";
    private static final DiskConfig DISK = DiskConfig.of(Path.of("a.img"));

    private static final MachineSettings ONE = MachineSettings.SILENT
            .with(Settings.NAME, "one")
            .with(Settings.KERNEL, Path.of("k1"))
            .with(Settings.INITRD, Path.of("i1"))
            .with(Settings.MODULES, List.of(ModuleConfig.parse("m1,args=a")))
            .with(Settings.COMMAND_LINE, "c1")
            .with(Settings.MEMORY, 4L << 20)
            .with(Settings.MEMORY_BACKING, MemoryBackingConfig.parse("memfd"))
            .with(Settings.CPUS, 2)
            .with(Settings.CPU, new CpuConfig(CpuTemplate.HOST, Set.of(), Set.of("avx")))
            .with(Settings.BOOT_PROTOCOL, new BootProtocolChoice(BootProtocol.PVH))
            .with(Settings.KASLR, true)
            .with(Settings.ACPI, false)
            .with(Settings.SERIAL, List.of(new SerialSink.Pty(), new SerialSink.Null()))
            .with(Settings.DISKS, List.of(DiskConfig.parse("a.img,readonly")))
            .with(Settings.CLOUD_INIT, Path.of("u1"))
            .with(Settings.NET, List.of(NetConfig.parse("user")))
            .with(Settings.RNG, new RngChoice(true, 7))
            .with(Settings.TRACE, TraceConfig.parse("t1,range=1..2"))
            .with(Settings.REBOOT, false);
    private static final MachineSettings OTHER = MachineSettings.SILENT
            .with(Settings.NAME, "other")
            .with(Settings.KERNEL, Path.of("k2"))
            .with(Settings.INITRD, Path.of("i2"))
            .with(Settings.MODULES, List.of())
            .with(Settings.COMMAND_LINE, "c2")
            .with(Settings.MEMORY, 8L << 20)
            .with(Settings.MEMORY_BACKING, MemoryBackingConfig.DEFAULT)
            .with(Settings.CPUS, 3)
            .with(Settings.CPU, CpuConfig.DEFAULT)
            .with(Settings.BOOT_PROTOCOL, new BootProtocolChoice(null))
            .with(Settings.KASLR, false)
            .with(Settings.ACPI, true)
            .with(Settings.SERIAL, List.of())
            .with(Settings.DISKS, List.of())
            .with(Settings.CLOUD_INIT, Path.of("u2"))
            .with(Settings.NET, List.of())
            .with(Settings.RNG, new RngChoice(false, 0))
            .with(Settings.TRACE, TraceConfig.parse("t2"))
            .with(Settings.REBOOT, true);

    /** A setting that was forgotten in the merge would show in one of these. */
    @Test
    void theUpperSettingsWin() {
        assertEquals(ONE, ONE.over(OTHER));
        assertEquals(OTHER, OTHER.over(ONE));
        assertEquals(ONE, MachineSettings.SILENT.over(ONE));
        assertEquals(ONE, ONE.over(MachineSettings.SILENT));
        assertEquals(MachineSettings.SILENT, MachineSettings.SILENT.over(MachineSettings.SILENT));
    }

    @Test
    void everySettingReachesTheConfiguration() {
        assertEquals(
                MachineConfig.builder(Path.of("k1"))
                        .name("one")
                        .initrd(Path.of("i1"))
                        .commandLine("c1")
                        .kernelOptions(options -> options.withModules(List.of(new ModuleConfig(Path.of("m1"), "a")))
                                .withProtocol(BootProtocol.PVH)
                                .withKaslr(true))
                        .tables(MachineTables.MP)
                        .memory(_ -> new MemoryConfig(4 << 20, MemoryBackingConfig.parse("memfd")))
                        .cpus(_ -> new CpusConfig(2, new CpuConfig(CpuTemplate.HOST, Set.of(), Set.of("avx"))))
                        .serial(List.of(new SerialSink.Pty(), new SerialSink.Null()))
                        .virtio(List.of(
                                DiskConfig.parse("a.img,readonly"),
                                new CloudInitConfig(Path.of("u1")),
                                NetConfig.parse("user"),
                                new RngConfig(7)))
                        .debug(debug -> debug.withTrace(new TraceConfig(Path.of("t1"), 1, 2)))
                        .restartOnReset(false)
                        .build(),
                ONE.toConfig(Objects.requireNonNull(ONE.boot(null))));
    }

    @Test
    void silenceIsTheDefaultGuestWithTheMachinesDefaults() {
        assertEquals(null, MachineSettings.SILENT.boot(null));
        assertEquals(
                MachineConfig.builder(Path.of("k0"))
                        .initrd(Path.of("i0"))
                        .commandLine(GUEST_COMMAND_LINE)
                        .build(),
                MachineSettings.SILENT.toConfig(guest(MachineSettings.SILENT)));
    }

    private static KernelBoot guest(MachineSettings settings) {
        return settings.defaultGuest(Path.of("k0"), Path.of("i0"));
    }

    @Test
    void theDefaultGuestHasItsRootOnTheFirstDisk() {
        MachineSettings settings = MachineSettings.SILENT.with(Settings.DISKS, List.of(DISK));
        assertEquals(null, settings.boot(new BootDisk(DISK, false, FileKind.EXT, false)));
        assertEquals(
                GUEST_COMMAND_LINE + " root=/dev/vda rw",
                settings.toConfig(guest(settings)).boot().options().commandLine());
        MachineSettings own = settings.with(Settings.INITRD, Path.of("i1"));
        KernelOptions options = own.toConfig(guest(own)).boot().options();
        assertEquals(GUEST_COMMAND_LINE, options.commandLine());
        assertEquals(Path.of("i1"), options.initrd());
        BootDisk blank = new BootDisk(DISK, false, FileKind.UNKNOWN, true);
        assertThrows(ConfigException.class, () -> settings.boot(blank));
        assertEquals(null, own.boot(blank));
    }

    @Test
    void aDiskWithPartitionsBootsUnlessAKernelIsGiven() {
        MachineSettings settings = MachineSettings.SILENT
                .with(Settings.DISKS, List.of(DISK))
                .with(Settings.INITRD, Path.of("i1"))
                .with(Settings.KASLR, true);
        BootDisk first = new BootDisk(DISK, true, FileKind.UNKNOWN, false);
        assertEquals(DiskKernelBoot.DEFAULT, settings.boot(first));
        MachineConfig config = settings.toConfig(DiskKernelBoot.DEFAULT);
        assertEquals(
                new DiskKernelBoot(
                        KernelOptions.DEFAULT.withInitrd(Path.of("i1")).withKaslr(true)),
                config.boot());
        assertEquals(DISK.path(), config.kernelFile());
        assertEquals(
                KernelBoot.of(Path.of("k1")),
                settings.with(Settings.KERNEL, Path.of("k1")).boot(first));
    }
}
