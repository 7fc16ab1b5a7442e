package io.javisor.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.firmware.BootProtocol;
import io.javisor.machine.DiskConfig;
import io.javisor.machine.NetConfig;
import io.javisor.machine.SerialSink;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigWriterTest {
    private static final MachineSettings SILENT = new MachineSettings(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    private static final MachineSettings ALL = new MachineSettings(
            null,
            Path.of("/k \"1\""),
            Path.of("/i1"),
            "console=ttyS0 x=\"\\y\"",
            5L << 20,
            MemoryBackingConfig.parse("anon,thp=off,ksm=on"),
            2,
            CpuConfig.parse("software,+avx,-x2apic,-pcid"),
            new BootProtocolChoice(BootProtocol.PVH),
            false,
            true,
            List.of(
                    new SerialSink.Stdio(),
                    new SerialSink.Pty(),
                    new SerialSink.ToFile(Path.of("/log")),
                    new SerialSink.Socket(Path.of("/sock"))),
            List.of(DiskConfig.parse("/a,,b.img,readonly,cache=none,serial=x,queues=3,iops=5,bandwidth=1.46484375K")),
            Path.of("/user-data"),
            List.of(
                    NetConfig.parse("user,publish=8080:80/tcp"),
                    NetConfig.parse("tap,ifname=t0,mtu=9000,mac=02:00:00:00:00:01")),
            new RngChoice(true, 7),
            false);

    static Stream<MachineSettings> settings() {
        return Stream.of(SILENT, ALL, ALL.over(SILENT), minimal());
    }

    private static MachineSettings minimal() {
        return new MachineSettings(
                null,
                null,
                null,
                "",
                null,
                MemoryBackingConfig.DEFAULT,
                1,
                null,
                new BootProtocolChoice(null),
                true,
                false,
                List.of(),
                List.of(),
                null,
                List.of(),
                new RngChoice(false, 0),
                true);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void isReadBackAsItWas(MachineSettings settings) {
        assertEquals(settings, ConfigReader.read("test", ConfigWriter.text(settings), Path.of("/elsewhere")));
    }
}
