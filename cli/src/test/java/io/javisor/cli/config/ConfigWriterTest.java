package io.javisor.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.firmware.BootProtocol;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.ModuleConfig;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.config.TraceConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigWriterTest {
    private static final MachineSettings ALL = MachineSettings.SILENT
            .with(Settings.KERNEL, Path.of("/k \"1\""))
            .with(Settings.INITRD, Path.of("/i1"))
            .with(Settings.MODULES, List.of(ModuleConfig.parse("/m 1,,2,args=a=b,,c  d"), ModuleConfig.parse("/m3")))
            .with(Settings.COMMAND_LINE, "console=ttyS0 x=\"\\y\"")
            .with(Settings.MEMORY, 5L << 20)
            .with(Settings.MEMORY_BACKING, MemoryBackingConfig.parse("anon,thp=off,ksm=on"))
            .with(Settings.CPUS, 2)
            .with(Settings.CPU, CpuConfig.parse("x86-64-v2,+avx,-x2apic,-pcid"))
            .with(Settings.BOOT_PROTOCOL, new BootProtocolChoice(BootProtocol.PVH))
            .with(Settings.KASLR, false)
            .with(Settings.ACPI, true)
            .with(
                    Settings.SERIAL,
                    List.of(
                            new SerialSink.Stdio(),
                            new SerialSink.Pty(),
                            new SerialSink.ToFile(Path.of("/log")),
                            new SerialSink.Socket(Path.of("/sock"))))
            .with(
                    Settings.DISKS,
                    List.of(DiskConfig.parse(
                            "/a,,b.img,readonly,cache=none,serial=x,queues=3,iops=5,bandwidth=1.46484375K")))
            .with(Settings.CLOUD_INIT, Path.of("/user-data"))
            .with(
                    Settings.NET,
                    List.of(
                            NetConfig.parse("user,publish=8080:80/tcp"),
                            NetConfig.parse("tap,ifname=t0,mtu=9000,mac=02:00:00:00:00:01")))
            .with(Settings.RNG, new RngChoice(true, 7))
            .with(Settings.TRACE, TraceConfig.parse("/t,,1,range=0x10+0x20"))
            .with(Settings.REBOOT, false);

    static Stream<MachineSettings> settings() {
        return Stream.of(MachineSettings.SILENT, ALL, ALL.over(MachineSettings.SILENT), minimal());
    }

    private static MachineSettings minimal() {
        return MachineSettings.SILENT
                .with(Settings.COMMAND_LINE, "")
                .with(Settings.MEMORY_BACKING, MemoryBackingConfig.DEFAULT)
                .with(Settings.CPUS, 1)
                .with(Settings.BOOT_PROTOCOL, new BootProtocolChoice(null))
                .with(Settings.KASLR, true)
                .with(Settings.ACPI, false)
                .with(Settings.SERIAL, List.of())
                .with(Settings.DISKS, List.of())
                .with(Settings.NET, List.of())
                .with(Settings.RNG, new RngChoice(false, 0))
                .with(Settings.REBOOT, true);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void isReadBackAsItWas(MachineSettings settings) {
        assertEquals(settings, ConfigReader.read("test", ConfigWriter.text(settings), Path.of("/elsewhere")));
    }
}
