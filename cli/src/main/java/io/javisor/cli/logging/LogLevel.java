package io.javisor.cli.logging;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.slf4j.spi.LocationAwareLogger;

/** The least that is logged, most first. */
public enum LogLevel {
    TRACE(LocationAwareLogger.TRACE_INT),
    DEBUG(LocationAwareLogger.DEBUG_INT),
    INFO(LocationAwareLogger.INFO_INT),
    WARN(LocationAwareLogger.WARN_INT),
    ERROR(LocationAwareLogger.ERROR_INT),
    OFF(Integer.MAX_VALUE);

    /** As SLF4J numbers levels; what is below is not logged. */
    final int threshold;

    LogLevel(int threshold) {
        this.threshold = threshold;
    }

    /** @throws IllegalArgumentException if no level is called that */
    static LogLevel parse(String text) {
        for (LogLevel level : values()) {
            if (level.toString().equalsIgnoreCase(text)) {
                return level;
            }
        }
        List<String> all = Arrays.stream(values()).map(LogLevel::toString).toList();
        throw new IllegalArgumentException("'" + text + "' is no level; there are " + String.join(", ", all));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
