package io.javisor.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.machine.config.Accel;
import io.javisor.machine.config.BootConfig.KernelBoot;
import io.javisor.machine.config.ConfigException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvironmentSettingsTest {
    @Test
    void anythingElseSaysMore() {
        MachineSettings environment = EnvironmentSettings.of(Map.of("JAVISOR_ACCEL", "kvm", "HOME", "/"));
        assertEquals(MachineSettings.SILENT.with(Settings.ACCEL, Accel.KVM), environment);
        MachineSettings given = MachineSettings.SILENT.with(Settings.ACCEL, Accel.AUTO);
        assertEquals(given, given.over(environment));
        assertEquals(
                Accel.KVM, environment.toConfig(KernelBoot.of(Path.of("k"))).accel());
    }

    @Test
    void silence() {
        assertEquals(MachineSettings.SILENT, EnvironmentSettings.of(Map.of()));
        assertEquals(MachineSettings.SILENT, EnvironmentSettings.of(Map.of("JAVISOR_ACCEL", "")));
    }

    @Test
    void aMistakeNamesTheVariable() {
        assertEquals(
                "JAVISOR_ACCEL: 'tcg' is none of auto, kvm, software",
                assertThrows(ConfigException.class, () -> EnvironmentSettings.of(Map.of("JAVISOR_ACCEL", "tcg")))
                        .getMessage());
    }

    @Test
    void anOptionOfTheEngineIsTaken() {
        assertEquals(
                Accel.SOFTWARE_STEPS,
                EnvironmentSettings.of(Map.of("JAVISOR_ACCEL", "software,translate=off"))
                        .toConfig(KernelBoot.of(Path.of("k")))
                        .accel());
    }
}
