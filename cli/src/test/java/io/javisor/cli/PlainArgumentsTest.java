package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.cli.config.MachineSettings;
import io.javisor.cli.config.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** picocli is what the short cut is held against. */
class PlainArgumentsTest {
    private static MachineSettings byPicocli(String... arguments) {
        MachineOptions options = new MachineOptions();
        picocli(options).parseArgs(arguments);
        return options.settings();
    }

    private static CommandLine picocli(MachineOptions options) {
        CommandSpec command = CommandSpec.create();
        OptionTable.addTo(command, options);
        return new CommandLine(command);
    }

    private static String[] run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("run"));
        all.addAll(List.of(arguments));
        return all.toArray(String[]::new);
    }

    private static MachineSettings plain(String... arguments) {
        return Objects.requireNonNull(PlainArguments.read(run(arguments))).settings();
    }

    @ParameterizedTest
    @CsvSource({
        "--kernel, vmlinuz",
        "--initrd, a b",
        "--accel, kvm",
        "--accel, 'software,translate=off'",
        "--cmdline, console=ttyS0 quiet",
        "-m, 128M",
        "--memory, 2G",
        "-c, 2",
        "--cpus, 008",
        "--cpu, 'host,-avx2'",
        "--memory-backing, anon",
        "--boot-protocol, pvh",
        "--acpi, off",
        "--serial, file:x",
        "--disk, 'a.ext4,readonly'",
        "--cloud-init, user-data",
        "--net, 'user,publish=8080:80'",
        "--rng, on",
        "--name, vm"
    })
    void optionsAreReadAsPicocliReadsThem(String option, String value) {
        assertEquals(byPicocli(option, value), plain(option, value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--kaslr", "--no-kaslr", "--reboot", "--no-reboot"})
    void switchesAreReadAsPicocliReadsThem(String option) {
        assertEquals(byPicocli(option), plain(option));
        assertEquals(byPicocli(option, "-m", "64M"), plain(option, "-m", "64M"));
    }

    @Test
    void manyAtOnce() {
        String[] arguments = {"--kernel", "k", "-m", "1G", "--no-reboot", "--cpus", "3", "--serial", "null"};
        assertEquals(byPicocli(arguments), plain(arguments));
    }

    /** So that a start with a new option does not become slow without a word. */
    @Test
    void everyOptionOfTheMachineIsKnown() {
        for (OptionSpec option : picocli(new MachineOptions()).getCommandSpec().options()) {
            for (String name : option.names()) {
                String[] arguments = option.arity().max() == 0 ? run(name) : run(name, "1");
                assertNotNull(PlainArguments.read(arguments), name);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "console",
                "doctor",
                "--help",
                "run --help",
                "run --verbose",
                "run kernel",
                "run --kernel",
                "run --kernel=k",
                "run -m64M",
                "run --kernel --memory",
                "run --kernel @file",
                "run @file",
                "run --kernel k --kernel l",
                "run -m 1G --memory 1G",
                "run --reboot --no-reboot",
                "run --no-kaslr -m 1G --kaslr",
                "run --cpus two",
                "run --cpus +1",
                "run --cpus 99999999999",
                "run --kern k",
                "run --dry-run",
                "run --kernel k --restart no",
                "run --serial null --serial pty"
            })
    void theRestIsLeftToPicocli(String line) {
        assertNull(PlainArguments.read(Arrays.stream(line.split(" ", -1))
                .filter(word -> !word.isEmpty())
                .toArray(String[]::new)));
    }

    @Test
    void runAloneIsPlain() {
        MachineOptions options = PlainArguments.read("run");
        assertNotNull(options);
        assertTrue(options.settings().get(Settings.KERNEL) == null);
    }
}
