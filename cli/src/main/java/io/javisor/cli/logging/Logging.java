package io.javisor.cli.logging;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.log.LineFile;
import io.javisor.machine.ConfigException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The process's log: there is one, as SLF4J has one provider. */
public final class Logging {
    private static volatile LogSettings settings = LogSettings.DEFAULT;
    private static volatile @Nullable LineFile file;

    private Logging() {}

    /**
     * Sets what is logged and where to, and opens the file; to be called before the first message, for loggers don't look again.
     *
     * @throws ConfigException if the file can't be opened
     */
    public static void set(LogSettings wanted) {
        LineFile before = file;
        file = wanted.file() == null ? null : open(wanted.file());
        settings = wanted;
        if (before != null) {
            before.close();
        }
    }

    public static LogSettings settings() {
        return settings;
    }

    /** Where to, or null for standard error. */
    static @Nullable LineFile file() {
        return file;
    }

    private static LineFile open(Path path) {
        try {
            return LineFile.open("--log-file " + path, path.toString());
        } catch (HostException e) {
            String reason =
                    switch (e.errno()) {
                        case Errno.ENOENT -> "the directory " + path.getParent() + " does not exist";
                        case Errno.EISDIR -> "it is a directory; name a file in it";
                        default -> Errno.describe(e.errno());
                    };
            throw new ConfigException("--log-file " + path + " can't be opened: " + reason, e);
        }
    }
}
