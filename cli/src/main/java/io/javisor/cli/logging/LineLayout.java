package io.javisor.cli.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

/**
 * An event as a line, with its stack trace: for a terminal {@code javisor: WARN Machine: text}, for a file with time (UTC), thread and the logger's full
 * name too.
 */
final class LineLayout extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private final boolean forFile;

    LineLayout(boolean forFile) {
        this.forFile = forFile;
    }

    @Override
    public boolean isStarted() {
        return true;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        String logger = event.getLoggerName();
        String line = forFile
                ? MILLIS.format(Instant.ofEpochMilli(event.getTimeStamp())) + ' ' + event.getLevel() + " ["
                        + event.getThreadName() + "] " + logger
                : "javisor: " + event.getLevel() + ' ' + logger.substring(logger.lastIndexOf('.') + 1);
        IThrowableProxy thrown = event.getThrowableProxy();
        return line + ": " + tame(event.getFormattedMessage()) + '\n'
                + (thrown == null ? "" : ThrowableProxyUtil.asString(thrown));
    }

    /** What others may have a hand in can neither begin a line, nor tell a terminal anything. */
    private static String tame(String message) {
        return message.strip().replaceAll("\\R", "\n\t").replaceAll("[\\p{Cc}&&[^\n\t]]", "?");
    }
}
