package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.firmware.BootProtocol;
import io.javisor.machine.config.BootConfig.DiskKernelBoot;
import io.javisor.machine.config.BootConfig.KernelBoot;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BootConfigTest {
    private static final KernelOptions OPTIONS =
            new KernelOptions(Path.of("i"), List.of(ModuleConfig.parse("m")), "c", BootProtocol.PVH, true);

    @Test
    void eachOptionCanBeChanged() {
        assertEquals(
                OPTIONS,
                KernelOptions.DEFAULT
                        .withInitrd(OPTIONS.initrd())
                        .withModules(OPTIONS.modules())
                        .withCommandLine(OPTIONS.commandLine())
                        .withProtocol(OPTIONS.protocol())
                        .withKaslr(OPTIONS.kaslr()));
    }

    @Test
    void otherOptionsLeaveTheRestAsItIs() {
        Path cache = Path.of("cache");
        assertEquals(
                new KernelBoot(Path.of("k"), OPTIONS, cache),
                KernelBoot.of(Path.of("k")).withCache(cache).with(OPTIONS));
        assertEquals(new DiskKernelBoot(OPTIONS), DiskKernelBoot.DEFAULT.with(OPTIONS));
    }

    @Test
    void theKernelIsInItsOwnFileOrOnTheFirstDisk() {
        Path disk = Path.of("d");
        MachineConfig own = MachineConfig.builder(Path.of("k"))
                .add(DiskConfig.of(disk))
                .add(DiskConfig.of(Path.of("other")))
                .build();
        assertEquals(Path.of("k"), own.kernelFile());
        assertEquals(disk, own.toBuilder().boot(DiskKernelBoot.DEFAULT).build().kernelFile());
    }

    @Test
    void aMachineWithoutADiskHasNoneToBootFrom() {
        assertThrows(
                ConfigException.class,
                () -> MachineConfig.builder(DiskKernelBoot.DEFAULT)
                        .add(RngConfig.UNLIMITED)
                        .build());
    }
}
