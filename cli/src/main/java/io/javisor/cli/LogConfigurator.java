package io.javisor.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Logging of the command-line tool. Standard output is the guest's: javisor speaks on standard error, and of what is wrong only. In Java, for
 * Logback's XML takes some 300 classes more, at every start.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
    /** The system property with the level's name; WARN without it. Read when the first logger is made. */
    static final String LEVEL_PROPERTY = "javisor.log.level";

    @Override
    public ExecutionStatus configure(LoggerContext loggers) {
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(loggers);
        encoder.setLayout(new LineLayout());
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(loggers);
        appender.setName("STDERR");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        encoder.start();
        appender.start();
        Logger root = loggers.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(System.getProperty(LEVEL_PROPERTY), Level.WARN));
        root.addAppender(appender);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static final class LineLayout extends LayoutBase<ILoggingEvent> {
        @Override
        public boolean isStarted() {
            return true;
        }

        @Override
        public String doLayout(ILoggingEvent event) {
            String logger = event.getLoggerName();
            String line = "javisor: " + event.getLevel() + ' ' + logger.substring(logger.lastIndexOf('.') + 1) + ": "
                    + event.getFormattedMessage() + System.lineSeparator();
            IThrowableProxy thrown = event.getThrowableProxy();
            return thrown == null ? line : line + ThrowableProxyUtil.asString(thrown);
        }
    }
}
