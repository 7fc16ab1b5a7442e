package io.javisor.cli.config;

import io.javisor.machine.config.ConfigException;
import java.util.List;
import java.util.Map;

/** What the environment says of machines, where neither options nor a file do. */
public final class EnvironmentSettings {
    private EnvironmentSettings() {}

    /**
     * Reads the variables that settings have. An empty one says nothing.
     *
     * @throws ConfigException naming a variable whose value can't be read
     */
    public static MachineSettings of(Map<String, String> environment) {
        MachineSettings settings = MachineSettings.SILENT;
        for (Setting<?> setting : Settings.all()) {
            String variable = setting.environment();
            if (variable != null && !environment.getOrDefault(variable, "").isEmpty()) {
                settings = with(settings, setting, variable, environment.getOrDefault(variable, ""));
            }
        }
        return settings;
    }

    private static <T> MachineSettings with(
            MachineSettings settings, Setting<T> setting, String variable, String text) {
        try {
            return settings.with(setting, setting.parse(List.of(text)));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(variable + ": " + e.getMessage(), e);
        }
    }
}
