package io.javisor.cli.logging;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a process logs, and where to.
 *
 * @param file null for standard error; absolute, for processes whose directory is another
 */
public record LogSettings(LogLevels levels, @Nullable Path file, LogFormat format) {
    public static final LogSettings DEFAULT = new LogSettings(LogLevels.DEFAULT, null, LogFormat.TEXT);

    public LogSettings {
        file = file == null ? null : file.toAbsolutePath();
    }

    /** These, with {@code other} for a file if there is none. */
    public LogSettings orTo(Path other) {
        return file == null ? new LogSettings(levels, other, format) : this;
    }

    /** The options that say so to another process. */
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        for (String word : levels.words()) {
            arguments.addAll(List.of("--log-level", word));
        }
        if (file != null) {
            arguments.addAll(List.of("--log-file", file.toString()));
        }
        arguments.addAll(List.of("--log-format", format.toString()));
        return arguments;
    }
}
