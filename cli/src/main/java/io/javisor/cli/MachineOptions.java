package io.javisor.cli;

import io.javisor.cli.config.ConfigFile;
import io.javisor.cli.config.MachineSettings;
import io.javisor.cli.config.Setting;
import io.javisor.cli.config.Settings;
import io.javisor.machine.config.ConfigException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the command line says of a machine, as it was written. What was not given is known, for none has a default here. */
final class MachineOptions {
    /** Names the file whose settings the options are laid over. */
    static final String CONFIG_OPTION = "--config";

    private final Map<Setting<?>, List<String>> given = new HashMap<>();
    private @Nullable Path config;

    /** Takes what was given for a setting, each time that it was given; null for nothing. */
    void put(Setting<?> setting, @Nullable List<String> words) {
        if (words == null) {
            given.remove(setting);
        } else {
            given.put(setting, words);
        }
    }

    /** Takes the file of {@link #CONFIG_OPTION}; null for none. */
    void config(@Nullable Path file) {
        config = file;
    }

    /**
     * Takes an option with its value as picocli would.
     *
     * @return false for an option or a value that is left to picocli
     */
    boolean take(String option, String value) {
        if (option.equals(CONFIG_OPTION)) {
            config = Path.of(value);
            return true;
        }
        Setting<?> setting = Settings.byOption(option);
        if (setting == null
                || setting.form() == Setting.Form.SWITCH
                || (setting.form() == Setting.Form.NUMBER && !isShortNumber(value))) {
            return false;
        }
        given.put(setting, List.of(value));
        return true;
    }

    /** As {@link #take}, of an option that has no value. */
    boolean takeSwitch(String option) {
        boolean off = option.startsWith("--no-");
        Setting<?> setting = Settings.byOption(off ? "--" + option.substring("--no-".length()) : option);
        if (setting == null || setting.form() != Setting.Form.SWITCH) {
            return false;
        }
        given.put(setting, List.of(off ? "false" : "true"));
        return true;
    }

    private static boolean isShortNumber(String text) {
        return text.length() < 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /**
     * What the options say, and where they are silent the configuration file.
     *
     * @throws ConfigException naming an option, or a place in the file, whose value can't be read
     */
    MachineSettings settings() {
        MachineSettings settings = MachineSettings.SILENT;
        for (Setting<?> setting : Settings.all()) {
            List<String> words = given.get(setting);
            if (words != null) {
                settings = with(settings, setting, words);
            }
        }
        return config == null ? settings : settings.over(ConfigFile.read(config));
    }

    private static <T> MachineSettings with(MachineSettings settings, Setting<T> setting, List<String> words) {
        try {
            return settings.with(setting, setting.parse(words));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(setting.option() + ": " + e.getMessage(), e);
        }
    }
}
