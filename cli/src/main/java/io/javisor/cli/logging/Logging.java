package io.javisor.cli.logging;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.log.LineFile;
import io.javisor.core.text.Printable;
import io.javisor.machine.config.ConfigException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The process's log: there is one, as SLF4J has one provider. */
public final class Logging {
    /** What a log has at most, and as much the one before it. */
    static final long MAX_FILE_BYTES = 8L << 20;

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
        file = wanted.file() == null ? null : open("--log-file", wanted.file());
        settings = wanted;
        if (before != null) {
            before.close();
        }
    }

    /**
     * Has what is logged to standard error go to the end of a file from now on, which standard error leads to as well.
     *
     * @param log as {@link #open} gave it; this object's from now on
     */
    public static void leaveStandardError(LineFile log) {
        if (file == null) {
            file = log;
        } else {
            log.close();
        }
    }

    public static LogSettings settings() {
        return settings;
    }

    /** Where to, or null for standard error. */
    static @Nullable LineFile file() {
        return file;
    }

    /**
     * Opens a log of bounded size.
     *
     * @param name what it is, for messages
     * @throws ConfigException if it can't be opened
     */
    public static LineFile open(String name, Path path) {
        try {
            return LineFile.open(name + " " + path, path, MAX_FILE_BYTES, Logging::say);
        } catch (HostException e) {
            String reason =
                    switch (e.errno()) {
                        case Errno.ENOENT -> "the directory " + path.getParent() + " does not exist";
                        case Errno.EISDIR -> "it is a directory; name a file in it";
                        default -> Errno.describe(e.errno());
                    };
            throw new ConfigException(name + " " + path + " can't be opened: " + reason, e);
        }
    }

    private static void say(String trouble) {
        System.err.println("javisor: " + Printable.of(trouble));
    }
}
