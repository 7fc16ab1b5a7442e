package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.cli.config.MachineSettings;
import io.javisor.cli.config.Setting;
import io.javisor.cli.config.Settings;
import io.javisor.machine.config.BootConfig.KernelBoot;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Each option sets its own setting and no other; what is not given stays open. */
class MachineOptionsTest {
    @Test
    void nothingGivenSaysNothing() {
        assertOnly(parse(), "");
    }

    @ParameterizedTest
    @CsvSource({
        "--kernel k, kernel, k",
        "--initrd i, initrd, i",
        "--accel software, accel, software",
        "'--accel software,translate=off', accel, 'software,translate=off'",
        "'--accel software,translate=on', accel, software",
        "'--accel software,perf-map=on', accel, 'software,perf-map=on'",
        "--cmdline quiet, commandLine, quiet",
        "-m 1M, memory, 1048576",
        "--memory 2G, memory, 2147483648",
        "--memory-backing memfd, memoryBacking, memfd",
        "-c 3, cpus, 3",
        "--cpus 4, cpus, 4",
        "--cpu host, cpu, host",
        "--boot-protocol auto, bootProtocol, auto",
        "--boot-protocol PVH, bootProtocol, pvh",
        "--kaslr, kaslr, true",
        "--no-kaslr, kaslr, false",
        "--acpi on, acpi, true",
        "--acpi off, acpi, false",
        "--serial file:f --serial pty, serial, '[file:f, pty]'",
        "'--disk a.ext4 --disk path=b,cache=none', disks, '[a.ext4, b,cache=none]'",
        "--cloud-init u, cloudInit, u",
        "'--net tap,ifname=t0 --net user,publish=80:80', net, '[tap,ifname=t0, user,publish=80:80]'",
        "--balloon on, balloon, on",
        "--balloon off, balloon, off",
        "'--vsock cid=3,path=v', vsock, 'cid=3,path=v'",
        "--vsock off, vsock, off",
        "--rng on, rng, on",
        "--rng off, rng, off",
        "--rng rate=1.5K, rng, rate=1.5K",
        "--name n, name, n",
        "--reboot, reboot, true",
        "--no-reboot, reboot, false",
    })
    void eachOptionIsOneSetting(String arguments, String setting, String value) {
        MachineSettings settings = parse(arguments.split(" "));
        assertOnly(settings, setting);
        assertEquals(value, String.valueOf(get(settings, setting)));
    }

    @Test
    void acpiIsOffOnlyForAKernelOfOnesOwn() {
        assertEquals(true, ownKernel("--kernel", "k").tables().acpi());
        assertEquals(true, defaultGuest().tables().acpi());
        assertEquals(false, ownKernel("--kernel", "k", "--acpi", "off").tables().acpi());
        String message = String.valueOf(assertThrows(ConfigException.class, () -> defaultGuest("--acpi", "off"))
                .getMessage());
        assertTrue(message.contains("--acpi off") && message.contains("--kernel"), message);
        assertEquals(KernelBoot.of(Path.of("k")), ownKernel("--kernel", "k").boot());
    }

    private static MachineConfig ownKernel(String... arguments) {
        MachineSettings settings = parse(arguments);
        return settings.toConfig(Objects.requireNonNull(settings.boot(null)));
    }

    private static MachineConfig defaultGuest(String... arguments) {
        MachineSettings settings = parse(arguments);
        assertEquals(null, settings.boot(null));
        return settings.toConfig(settings.defaultGuest(Path.of("k"), Path.of("i")));
    }

    private static MachineSettings parse(String... arguments) {
        MachineOptions options = new MachineOptions();
        CommandSpec command = CommandSpec.create();
        OptionTable.addTo(command, options);
        CommandLine.ParseResult _ = new CommandLine(command).parseArgs(arguments);
        return options.settings();
    }

    private static void assertOnly(MachineSettings settings, String set) {
        for (Setting<?> setting : Settings.all()) {
            if (!setting.key().equals(set)) {
                assertNull(settings.get(setting), setting.key());
            }
        }
    }

    private static @Nullable Object get(MachineSettings settings, String key) {
        return settings.get(Settings.all().stream()
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElseThrow());
    }
}
